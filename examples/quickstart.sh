#!/bin/sh
# From a bare machine to a service in use: installs what is missing, builds, and then lets a lamp appear, be
# listed, be switched, watched and listened to, leave and be gone. Asks nothing, ends by itself, speaks on
# loopback only, and leaves nothing running. The second time it is quick.
set -eu
cd "$(dirname "$0")/.."

build=build/quickstart
place=$(mktemp -d)
export AUTOBUS_PORT="${AUTOBUS_PORT:-52722}"
export AUTOBUS_INTERFACES="${AUTOBUS_INTERFACES:-lo}"
unset AUTOBUS_DISCOVERY AUTOBUS_PEERS

is_running() {
    grep -qs '^State:.[^Z]' "/proc/$1/status"
}

# Asks again, because a program that is only just being started may miss the first time.
stop() {
    for signal in TERM TERM TERM KILL; do
        kill -s "$signal" "$1" 2>/dev/null || return 0
        moments=40
        while is_running "$1" && [ "$moments" -gt 0 ]; do
            sleep 0.05
            moments=$((moments - 1))
        done
        is_running "$1" || return 0
    done
}

# Not by the names below: a signal may come before a name is given.
clean_up() {
    trap '' INT TERM HUP
    jobs -p >"$place/jobs"
    while read -r pid; do
        ! is_running "$pid" || stop "$pid"
    done <"$place/jobs"
    rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf 'quickstart: %s\n' "$*" >&2
    [ ! -s "$place/log" ] || sed 's/^/    /' "$place/log" >&2
    exit 1
}

# Runs a long command so that a signal to this script ends the command too.
run() {
    "$@" &
    wait $!
}

# Succeeds once the command does; each try waits for the network, so that this never spins.
within() {
    tries=$1
    shift
    until "$@" >"$place/log" 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
    done
}

list_ours() {
    timeout --foreground 20 "$build/autobus-ls" lamp -k "name=$name" "$@"
}

is_gone() {
    list_ours -q -t 0.5 && return 1
    [ $? -eq 3 ] # nothing matches; anything else went wrong
}

# Succeeds once PATTERN is in a file of ours, within 5 s.
says() {
    timeout --foreground 5 sh -c 'until grep -q "$0" "$1"; do sleep 0.05; done' "$2" "$place/$1"
}

step "1 of 6: what building takes"
sh test/setup/packages.sh build
echo "everything is there"

step "2 of 6: building into $build"
configure="cmake -S . -B $build -G Ninja -DAUTOBUS_TESTS=OFF"
$configure >"$place/log" 2>&1 || $configure --fresh >"$place/log" 2>&1 || fail "cmake is not content:"
run ninja -C "$build" || fail "it does not build; the lines above say why"
: >"$place/log"

name="quickstart $$"
step "3 of 6: a lamp appears ($build/examples/01-lamp)"
"$build/autobus-ls" lamp -k "name=$name" --watch >"$place/told" 2>"$place/log" &
mkfifo "$place/enter"
"$build/examples/01-lamp" "{'type': 'lamp', 'name': '$name', 'room': 'kitchen'}" \
    <"$place/enter" >"$place/lamp" & # it asks for Enter, and gets it from us
lamp=$!
exec 3>"$place/enter"
says told '^+ lamp' || fail "autobus-ls --watch did not tell of the lamp within 5 s"
sed -n 's/^/   /p' "$place/told"

step "4 of 6: whoever asks finds it ($build/autobus-ls lamp)"
within 5 list_ours || fail "autobus-ls does not list the lamp:"
sed 's/^/   /' "$place/log"

step "5 of 6: whoever likes uses it ($build/examples/02-switch)"
: >"$place/log"
"$build/examples/02-switch" view "{'name': '$name'}" <"$place/enter" >"$place/view" 2>>"$place/log" 3>&- &
says view '^level: 0' || fail "the view does not show the level"
for word in on 40; do
    "$build/examples/02-switch" "$word" "{'name': '$name'}" 2>>"$place/log" || fail "switching it $word failed:"
    echo "   called: $word"
done
timeout --foreground 10 "$build/autobus-call" lamp -k "name=$name" set_level 70 >/dev/null 2>"$place/log" ||
    fail "autobus-call failed:"
level=$(timeout --foreground 10 "$build/autobus-watch" lamp -k "name=$name" level -n 1 2>"$place/log") ||
    fail "autobus-watch failed:"
[ "$level" = 70 ] || fail "autobus-watch shows '$level' and not 70"
echo "   from the shell: autobus-call lamp set_level 70; autobus-watch lamp level shows $level"
"$build/examples/02-switch" off "{'name': '$name'}" 2>>"$place/log" || fail "switching it off failed:"
says view '^switched: \[false\]' || fail "the view did not hear that it was switched off"
sed 's/^/   watched and heard: /' "$place/view"
grep '^It shines' "$place/lamp" | sed 's/^/   the lamp itself: /'

step "6 of 6: the lamp is taken away, and is gone"
echo >&3
exec 3>&-
wait "$lamp" || fail "the lamp did not end well"
says told '^- lamp' || fail "autobus-ls --watch did not tell within 5 s that the lamp left"
sed -n 's/^-/   -/p' "$place/told"
within 3 is_gone || fail "the lamp is still listed:"

printf '\nAll of it held. Look around on your own network: %s/autobus-ls --watch\n' "$build"
