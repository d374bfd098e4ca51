# Completion for autobus and its tools in bash. The options are read from --help, the types from the network.
# compgen would run what stands in $(...), and so would the line once it is completed: only plain words pass.

_autobus_offer() { # WORD, and what it may become, one a line on standard input
    local plain
    plain=$(grep -x '[A-Za-z0-9._:@%+-]\+' | sort -u)
    mapfile -t COMPREPLY < <(compgen -W "$plain" -- "$1")
}

_autobus_types() { # the tool that is completed; the list is its sibling's
    "${1%autobus-*}autobus-ls" --all --quiet --color=never --timeout=0.3 2>/dev/null | sed 's/  .*//'
}

_autobus_words_of_ls() {
    _autobus_offer "$2" < <(_autobus_types "$1")
}

_autobus_members() { # the tool that is completed, KIND, TYPE
    "${1%autobus-*}autobus-show" --any --quiet --timeout=0.3 --names="$2" -- "$3" 2>/dev/null
}

# The words before this one that are no options or values of options, without the verb.
_autobus_before() {
    local at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
        -k | -s | -t | -n | --key | --service | --timeout | --count | --port | --peers | --interfaces) ((at++)) ;;
        -?*) ;;
        *) echo "${COMP_WORDS[at]}" ;;
        esac
    done
}

_autobus_words_of_a_service() { # the tool, the word, and of what KIND the words behind TYPE are, how many of them
    local before
    mapfile -t before < <(_autobus_before)
    [ "${COMP_WORDS[0]##*/}" != autobus ] || before=("${before[@]:1}")
    if [ "${#before[@]}" -eq 0 ]; then
        _autobus_offer "$2" < <(_autobus_types "$1")
    elif [ "${#before[@]}" -le "$4" ]; then
        _autobus_offer "$2" < <(_autobus_members "$1" "$3" "${before[0]}")
    fi
}

_autobus_words_of_show() {
    _autobus_words_of_a_service "$1" "$2" functions 0
}

_autobus_words_of_call() {
    _autobus_words_of_a_service "$1" "$2" functions 1
}

_autobus_words_of_watch() {
    _autobus_words_of_a_service "$1" "$2" objects 99
}

_autobus_words_of_listen() {
    _autobus_words_of_a_service "$1" "$2" events 99
}

_autobus_words_of_chat() {
    _autobus_words_of_a_service "$1" "$2" channels 1
}

_autobus_words_of_publish() {
    COMPREPLY=()
}

_autobus_words_of_bench() {
    _autobus_offer "$2" < <("$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\+\)  .*/\1/p')
}

_autobus_complete() {
    local tool=$1 word=$2 previous=$3
    case $previous in
    --color) _autobus_offer "$word" <<<$'auto\nalways\nnever' ;;
    --discovery) _autobus_offer "$word" <<<$'broadcast\navahi\nnone' ;;
    --interfaces) _autobus_offer "$word" < <(ls /sys/class/net 2>/dev/null) ;;
    --transport) _autobus_offer "$word" <<<$'tcp\nunix' ;;
    --wire) _autobus_offer "$word" <<<$'lines\nframes' ;;
    --demo) _autobus_offer "$word" <<<lamp ;;
    --config | -c) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    --names) _autobus_offer "$word" <<<$'functions\nevents\nobjects\nchannels' ;;
    --face) _autobus_offer "$word" <<<$'c\nraw' ;;
    --key | -k | --timeout | -t | --port | --peers | --service | -s | --count | -n | --function | -f | --object | -o | --event | -e | \
        --doc | --describe) ;;
    *)
        case $word in
        -*) _autobus_offer "$word" < <("$tool" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*') ;;
        *) "_autobus_words_of_${tool##*-}" "$tool" "$word" 2>/dev/null ;;
        esac
        ;;
    esac
}

_autobus_verb() {
    _autobus_complete "$1" "$2" "$3"
}

_autobus() {
    if [ "$COMP_CWORD" -eq 1 ]; then
        _autobus_offer "$2" < <("$1" --help 2>/dev/null | sed -n 's/^  autobus //p')
    else
        _autobus_complete "$1-${COMP_WORDS[1]}" "$2" "$3"
    fi
}

complete -F _autobus autobus
complete -F _autobus_verb autobus-ls autobus-show autobus-call autobus-watch autobus-listen autobus-chat autobus-publish autobus-bench
