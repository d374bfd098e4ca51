#!/bin/sh
# Installs our Debian packages in a system of its own, uses them there and takes them away again: nothing may be left.
# Nobody else sees anything of it: what is written lies above that system, and is thrown away.
#
# usage: installing.sh PACKAGES [SYSTEM]. PACKAGES is their folder; SYSTEM that of a bare Debian, which is fetched
# if it is not there (minutes). Without one it is this machine's own.
set -u
packages=$(cd "$1" && pwd)
system=${2:-/}

skip() {
    echo "skip packages are installed: $1"
    exit 0
}

fetch_system() {
    needed=$(for package in "$packages"/*.deb; do dpkg-deb -f "$package" Depends; done |
        tr ',' '\n' | sed 's/ *\([^ ]*\).*/\1/' | grep -v autobus | sort -u | paste -sd ,)
    rm -rf "$system"
    mkdir -p "$system"
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    debootstrap --variant=minbase --include="$needed" "$release" "$system" && touch "$system/complete"
}

if [ -z "${INSIDE:-}" ]; then
    [ "$(id -u)" -eq 0 ] || skip "not root"
    command -v dpkg >/dev/null || skip "this is no Debian"
    if [ "$system" != / ] && [ ! -e "$system/complete" ]; then
        fetch_system || { echo "not ok a bare Debian is fetched: see above" && exit 1; }
        echo "ok a bare Debian is fetched"
    fi
    place=$(mktemp -d)
    trap 'rmdir "$place"' EXIT
    INSIDE=$place unshare --mount --net --propagation private sh "$0" "$packages" "$system"
    exit
fi

# From here on in namespaces that end with us.
place=$INSIDE
root=$place/root
ip link set lo up && mount -t tmpfs -o mode=755 none "$place" && mkdir "$place/over" "$place/work" "$root" &&
    mount -t overlay -o "lowerdir=$system,upperdir=$place/over,workdir=$place/work" none "$root" &&
    mount --bind "$packages" "$root/mnt" && mount -t proc none "$root/proc" && mount --rbind /dev "$root/dev" &&
    mount -t tmpfs none "$root/tmp" && mount -t tmpfs none "$root/run" ||
    skip "a system above that one cannot be mounted"

failed=0
check() { # NAME COMMAND...: one test
    name=$1
    shift
    if "$@" >"$place/log" 2>&1; then
        echo "ok $name"
    else
        cat "$place/log"
        echo "not ok $name: see above"
        failed=1
    fi
}
there() { # COMMAND, in that system
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" sh -euc "$1"
}

# Without triggers: what other packages do about ours, such as an index of all manual pages, takes long and is theirs.
install_them() {
    there 'dpkg --no-triggers --install /mnt/*.deb'
}
talk() {
    there '
        autobus-publish --demo lamp >/tmp/said 2>&1 &
        trap "kill $!; wait $!" EXIT
        autobus-show --wait --timeout=20 demo.lamp
        autobus-ls --quiet demo.lamp | grep demo.lamp
        test "$(autobus call demo.lamp set on=true level=40)" = true
        test "$(echo "call demo.lamp set on=true level=40" | autobus-shell)" = true
        test "$(autobus-watch demo.lamp state -n 1)" = "{\"on\":true,\"level\":40}"
    '
}
first_minutes() {
    sh "$(dirname "$0")/transcript.sh" "$root"
}
talk_python() {
    there '
        autobus-publish --demo lamp >/tmp/said 2>&1 &
        trap "kill $!; wait $!" EXIT
        timeout 30 python3 -c "
import asyncio, autobus

async def main():
    async with autobus.Bus() as bus:
        lamp = bus.proxy(type=\"demo.lamp\")
        assert await lamp.call(\"set\", True, 30) is True
        async for state in lamp.watch(\"state\"):
            assert state == {\"on\": True, \"level\": 30}, state
            break

asyncio.run(main())
"
    '
}
# Whoever develops has the compiler already.
build_with_it() {
    cp "$(dirname "$0")/../../examples/01-lamp.c" "$root/tmp/lamp.c"
    # shellcheck disable=SC2016 # that system finds out
    there 'cd /tmp && cc lamp.c $(pkg-config --cflags --libs autobus) -o lamp && ! ./lamp "[1]"'
}
# A unit that is hardly confined would be worse than none.
judge_unit() {
    there 'systemd-analyze verify autobus-publish@lamp.service
        systemd-analyze security --offline=true --threshold=25 autobus-publish@.service'
}
remove_them() {
    there 'dpkg --no-triggers --purge autobus-tools python3-autobus libautobus-dev libautobus0'
}
# What is in the upper layer and was not below, but for what the system keeps about itself.
left() {
    (cd "$place/over" && find . ! -type d ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './var/cache/*' \
        ! -path ./etc/ld.so.cache
    find . -type d) | while read -r path; do
        [ -d "$system/$path" ] && [ -d "$place/over/$path" ] || echo "left or changed: $path"
    done
}
leave_nothing() {
    left >"$place/left"
    cat "$place/left"
    [ ! -s "$place/left" ]
}

check "the packages are installed" install_them
check "a service is published, listed, called and watched by what is installed" talk
check "the first five minutes go as they should, on two hosts" first_minutes
check "a Python program uses it" talk_python
if [ "$system" = / ]; then
    check "a program is built with what is installed" build_with_it
fi
if [ -x "$root/usr/bin/systemd-analyze" ]; then
    check "the unit is understood by systemd, and confined" judge_unit
else
    echo "skip the unit is understood by systemd, and confined: there is no systemd"
fi
check "the packages are removed" remove_them
check "nothing of them is left" leave_nothing
exit $failed
