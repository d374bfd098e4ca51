#!/bin/sh
# Installs the Debian packages that are missing: `sh test/setup/packages.sh build` for what building
# takes, `packages` for what making our own packages takes, `test` for what the tests take. As root, or as a
# user with sudo; asks nothing. When everything is there it looks, and touches nothing.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libevent-dev libjson-c-dev libavahi-client-dev"
packages="$build scdoc libzstd-dev libedit-dev dpkg-dev file"
# The compilers and their judges; then what the multi-host stories run on: namespaces, a look at system
# calls, and a message bus of their own for avahi. Who sets manual pages, the shells that are completed, who
# fetches a bare Debian, who counts instructions, and who reads captures (20 MB).
test="$packages clang libclang-rt-dev llvm clang-format clang-tidy libcriterion-dev binutils python3
    iproute2 util-linux procps strace dbus-daemon libavahi-core7 libdaemon0 libcap2 libexpat1
    groff-base zsh fish debootstrap valgrind tshark"

case "${1:-}" in
build) wanted=$build ;;
packages) wanted=$packages ;;
test) wanted=$test ;;
*)
    echo "usage: sh $0 build|packages|test" >&2
    exit 2
    ;;
esac

# Unpacks the daemon instead of installing it: installed, it would start, and speak on this machine's network.
unpack_avahi_daemon() {
    into=$1
    [ -x "$into/usr/sbin/avahi-daemon" ] && return
    [ -x /usr/sbin/avahi-daemon ] && return
    mkdir -p "$into/deb"
    (cd "$into/deb" && apt-get -qq -o APT::Sandbox::User=root download avahi-daemon) || return
    dpkg-deb -x "$into"/deb/avahi-daemon_*.deb "$into"
}

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
    echo "installing:$missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "needs root or sudo to install packages" >&2; exit 1; }
        as_root=sudo
    fi
    quiet="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300"
    $as_root $quiet update
    # shellcheck disable=SC2086 # both are lists
    $as_root $quiet install --yes --no-install-recommends $missing </dev/null
fi

[ "$1" != test ] || unpack_avahi_daemon "$(dirname "$0")/../../build/avahi"
