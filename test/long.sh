#!/bin/sh
# Everything of test/run.sh with full counts, every compiler with every preset, and the benchmarks. Takes
# over an hour. Its summary replaces the one in docs/testing.md.
set -u
exec sh "$(dirname "$0")/run.sh" --long "$@"
