#!/bin/sh
# Installs a built tree into a folder that is thrown away, and uses it from there as a stranger would: through
# pkg-config, through find_package, and by running the tools.
set -eu
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM

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

prefix=$place/prefix
cmake --install "$build" --prefix "$prefix" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name autobus.pc)")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH
failed=0

mkdir "$place/program"
cat >"$place/program/main.c" <<'END'
#include <autobus/autobus.h>
#include <stdio.h>
int main(void)
{
    puts(autobus_stat_name(AUTOBUS_STAT_HEARD_PACKETS));
    return 0;
}
END
cat >"$place/program/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(Stranger C)
find_package(Autobus 0.1 REQUIRED)
add_executable(stranger main.c)
target_link_libraries(stranger Autobus::autobus)
END

with_pkg_config() {
    # shellcheck disable=SC2046 # a list of flags
    cc -o "$place/one" "$place/program/main.c" $(pkg-config --cflags --libs autobus) && "$place/one"
}
with_find_package() {
    cmake -G Ninja -S "$place/program" -B "$place/two" -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$place/two" &&
        "$place/two/stranger"
}
with_tools() {
    unset LD_LIBRARY_PATH
    for tool in "$prefix"/bin/autobus-*; do
        "$tool" --help || return 1
    done
}
all_are_there() { # FILE... below share/
    for file in "$@"; do
        test -s "$prefix/share/$file" || { echo "there is no $file" && return 1; }
    done
}
with_manual() {
    for tool in $(cd "$prefix/bin" && ls); do
        all_are_there "man/man1/$tool.1" "bash-completion/completions/$tool" "fish/vendor_completions.d/$tool.fish" ||
            return 1
    done
    named=$(sed 's/\\&//g' "$prefix"/share/man/man*/* | grep -o 'doc/autobus/[a-z]*\.md' | sort -u)
    # shellcheck disable=SC2086 # a list
    test -n "$named" && all_are_there $named man/man7/autobus.7 man/man7/autobus-protocol.7 man/man3/autobus.3 \
        autobus/complete.sh autobus/autobus.lua \
        ../lib/systemd/system/autobus-publish@.service && test -s "$prefix"/share/zsh/*/_autobus
}
with_completion() {
    PATH=$prefix/bin:$PATH bash -c '. "$0"; COMP_WORDS=(autobus-ls --wa); COMP_CWORD=1; _autobus autobus-ls --wa; \
        [ "${COMPREPLY[*]}" = --watch ]' "$prefix/share/bash-completion/completions/autobus-ls"
}
check "a program finds the library by pkg-config" with_pkg_config
check "a program finds the library by find_package" with_find_package
check "the installed tools find their library" with_tools
check "the installed tools have their pages, completion and unit" with_manual
check "the installed completion completes" with_completion
exit $failed
