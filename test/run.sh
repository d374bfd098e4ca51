#!/bin/sh
# Installs what the tests need, builds, and runs every test; or the parts named: `sh test/run.sh unit lint`.
# `--list` names the parts. docs/testing.md tells what each of them holds.
set -u
cd "$(dirname "$0")/.." || exit 1

case " $* " in
*" --list "* | *" --no-install "*) ;;
*)
    echo "== install"
    if ! sh test/setup/packages.sh test; then
        echo "skipped: none"
        echo "0 passed, 1 failed"
        exit 1
    fi
    ;;
esac
exec python3 test/runner "$@"
