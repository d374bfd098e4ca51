#!/bin/sh
# What the last word of a command line of ours may become: a candidate a line, and behind an option a tab and what it
# does. Bash, zsh and fish ask here. Ends with 3 where a file is wanted, whose name the shell completes itself.
#
# usage: complete.sh PROGRAM [WORD]... WORD
#
# It knows no tool: options, and what the words mean, it reads from --help; services and what they have, from the
# network, for a moment only. A shell might run what stands in $(...), so only plain words pass.
set -uf
LC_ALL=C
tab=$(printf '\t')
line_feed='
'
patience=0.06 # which leaves the rest of 0.1 s to starting programs

offer() { # candidates, on standard input
    while IFS= read -r line; do
        case ${line%%"$tab"*} in
        '' | *[!A-Za-z0-9._:@%+=-]*) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
}

offer_words() {
    printf '%s\n' "$@"
}

list_verbs() {
    "$1" --help 2>/dev/null | sed -n 's/^  autobus //p'
}

list_options() {
    printf '%s\n' "$help" | sed -n "/^  [-, a-zA-Z]\{4\}--/ {
        /^ *[^ ]*,\{0,1\} *[^ ]*\$/ N
        s/\n */  /
        s/^  [-, a-zA-Z]\{4\}\(--[a-z-]*\)[^ ]* *\(.*\)/\1$tab\2/p
    }"
}

# What the text explains in two columns: the words that are asked for by that name.
list_explained() {
    printf '%s\n' "$help" | sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p'
}

list_types() {
    "${tool%autobus-*}autobus-ls" --all --quiet --color=never --timeout=$patience 2>/dev/null | sed 's/  .*//' | sort -u
}

list_members() { # KIND; of the service that was typed
    if [ -n "$service" ]; then
        set -- "$1" --service="$service"
    else
        set -- "$1" -- "$type"
    fi
    kind=$1
    shift
    "${tool%autobus-*}autobus-show" --any --quiet --timeout=$patience --names="$kind" "$@" 2>/dev/null
}

# The long name of OPTION in $option, and in $value what follows it, as --help calls that: nothing if nothing does.
look_up() { # OPTION
    option=$1
    value=
    case $1 in
    *[!A-Za-z-]*) return ;;
    --*) rest=${help#*[, ]"$1="} ;;
    *)
        rest=${help#*"$line_feed  $1, --"}
        option=--${rest%%[ =]*}
        rest=${rest#"${option#--}"=}
        case ${help#*"$line_feed  $1, $option"} in =*) ;; *) return ;; esac
        ;;
    esac
    [ "$rest" = "$help" ] || value=${rest%%[ $line_feed]*}
}

list_values() { # of $option, called $value
    case $option=$value in
    *=WHEN) offer_words auto always never ;;
    *=KIND) offer_words functions events objects channels ;;
    *=[a-z]*) offer_words "$value" ;;
    --interfaces=*) ls /sys/class/net 2>/dev/null ;;
    --discovery=*) offer_words broadcast avahi none ;;
    --transport=*) offer_words tcp unix ;;
    --wire=*) offer_words lines frames ;;
    --face=*) offer_words c raw ;;
    esac
}

offer_values() { # what stands before each
    [ "$value" != FILE ] || exit 3
    list_values | sed "s/^/$1/" | offer
    exit 0
}

# What the word behind so many others is, as the first line of --help calls it.
name_position() { # how many words stand before it
    left=$1
    name=
    usage=${help%%"$line_feed"*}
    for name in ${usage#Usage: * }; do
        [ "$left" -gt 0 ] || break
        left=$((left - 1))
        case $name in *...) break ;; esac
    done
    name=${name#[}
    name=${name%...}
    name=${name%]}
}

list_words() { # called $name
    case ${tool##*-}=$name in
    publish=*) ;;
    *=TYPE | *=PLACE) list_types ;;
    *=FUNCTION) list_members functions ;;
    *=OBJECT) list_members objects ;;
    *=EVENT) list_members events ;;
    *=CHANNEL) list_members channels ;;
    *=WHAT) list_explained ;;
    esac
}

tool=$1
shift
case ${tool##*/} in
autobus)
    if [ $# -eq 1 ]; then
        list_verbs "$tool" | offer
        exit 0
    fi
    case $1 in */*) exit 0 ;; esac # no verb, but a way to some other program
    tool=$tool-$1
    shift
    ;;
esac
help=$("$tool" --help 2>/dev/null) || exit 0

type=
service=
before=0
while [ $# -gt 1 ]; do
    case $1 in
    --*=* | -) ;;
    -?*)
        look_up "$1"
        if [ -n "$value" ]; then
            [ $# -gt 2 ] || offer_values ""
            shift
            [ "$option" != --service ] || { service=$1 && before=$((before + 1)); }
        fi
        ;;
    *)
        [ $before -gt 0 ] || type=$1
        before=$((before + 1))
        ;;
    esac
    shift
done

case $1 in
--*=*)
    look_up "${1%%=*}"
    offer_values "$option="
    ;;
-*) list_options | offer ;;
*)
    name_position "$before"
    [ "$name" != FILE ] || exit 3
    list_words | offer
    ;;
esac
