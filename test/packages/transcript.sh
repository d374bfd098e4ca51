#!/bin/sh
# The first five minutes with what is installed in SYSTEM: two hosts with a cable between them, at the end without it.
# Each line of it is one that somebody types. In a network and a mount namespace of its own.
#
# usage: transcript.sh SYSTEM
set -eux
system=$1
tmp=$system/tmp
wall=$tmp/attic # the network of the other host
lamp='' watch='' listener=''
trap 'kill $lamp $watch $listener 2>/dev/null || :; wait; umount "$wall"' EXIT

here="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 chroot $system"
there="nsenter --net=$wall $here"
ends_with() { # CODE COMMAND...: on the other host; what it says is in $tmp/said
    wanted=$1
    shift
    code=0
    $there "$@" >"$tmp/said" 2>&1 || code=$?
    cat "$tmp/said"
    [ "$code" -eq "$wanted" ]
}
says() { # FILE WORDS: now or soon
    timeout 30 tail -n +1 -f "$tmp/$1" | grep -q -m 1 -- "$2" || {
        cat "$tmp/$1"
        return 1
    }
}
publish_lamp() {
    $here autobus-publish --demo lamp <"$tmp/typed" >"$tmp/lamp" 2>&1 &
    lamp=$!
    says lamp "is on the network"
}

touch "$wall" "$tmp/watched" "$tmp/notes" "$tmp/pressed" "$tmp/ear" "$tmp/lamp"
mkfifo "$tmp/typed"
exec 9<>"$tmp/typed"
unshare --net="$wall" true
ip link add eth0 type veth peer name eth1
ip link set eth1 netns "$wall"
ip address add 10.77.0.1/24 dev eth0
nsenter --net="$wall" ip address add 10.77.0.2/24 dev eth1
nsenter --net="$wall" ip link set lo up
nsenter --net="$wall" ip link set eth1 up
ip link set eth0 up

publish_lamp
$there autobus-show --wait --timeout=20 demo.lamp
$there autobus-ls >"$tmp/said"
grep "^demo.lamp .* 10.77.0.1:" "$tmp/said"
$there autobus-show demo.lamp >"$tmp/said"
grep "set(on: boolean, level: integer 0..100" "$tmp/said"
[ "$($there autobus-call demo.lamp set on=true level=40)" = true ]
ends_with 5 autobus-call demo.lamp set on=true level=140
grep "level.*140.*0 to 100" "$tmp/said"
ends_with 3 autobus-call demo.lmp set
grep "Did you mean 'demo.lamp'" "$tmp/said"
grep autobus-doctor "$tmp/said"

$there autobus-watch -j demo.lamp state >"$tmp/watched" 2>"$tmp/notes" &
watch=$!
says watched '"value":{"on":true,"level":40}'
$there autobus-listen -v demo.lamp pressed -n 1 -t 30 >"$tmp/pressed" 2>"$tmp/ear" &
listener=$!
says ear "has us on its list"
echo >&9
wait "$listener"
listener=''
[ "$(cat "$tmp/pressed")" = "[1]" ]

kill -KILL "$lamp"
wait "$lamp" || [ $? -eq 137 ]
publish_lamp
says notes "in its place"
says watched '"value":{"on":false'
[ "$($there autobus-call demo.lamp set on=true level=7)" = true ]
says watched '"value":{"on":true,"level":7}'

ends_with 0 autobus-doctor demo.lamp -t 1
ip link set eth0 down
ends_with 1 autobus-doctor demo.lamp -t 1
tail -n 1 "$tmp/said" | grep "^eth1 has no link: plug in its cable.*\.$"
