"""Runs the parts of the tests and sums them up. Started by test/run.sh and test/long.sh, which see to the packages."""

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

import parts
from build import VARIANTS, Builds
from job import adopt_orphans, end_all, end_strays
from summary import Record
from tally import Tally

QUICK = {
    "build": parts.builds,
    "unit": lambda run: parts.unit(run, "gcc-debug"),
    "asan": lambda run: parts.unit(run, "clang-asan"),
    "tsan": lambda run: parts.unit(run, "clang-tsan"),
    "no-avahi": lambda run: parts.unit(run, "gcc-no-avahi"),
    "lines": parts.lines,
    "stories": parts.stories,
    "transports": parts.transports,
    "fuzz": parts.fuzz,
    "sim": parts.sim,
    "bench": parts.bench,
    "tools": parts.tools,
    "bindings": parts.bindings,
    "examples": parts.examples,
    "packages": parts.packages,
    "lint": parts.lint,
    "planted": parts.planted,
}
LONG = {
    "build": parts.builds,
    "bench": parts.bench,
    **{f"unit-{name}": (lambda run, name=name: parts.unit(run, name)) for name in VARIANTS},
    **{name: QUICK[name] for name in ("lines", "stories", "transports", "fuzz", "sim", "tools", "bindings", "examples",
                                        "packages", "lint", "planted")},
}


def arguments():
    parser = argparse.ArgumentParser(prog="test/run.sh", description="Runs every test, or the parts named.")
    parser.add_argument("--list", action="store_true", help="name the parts and run none")
    parser.add_argument("--long", action="store_true", help="full counts and every variant (test/long.sh)")
    parser.add_argument("--no-install", action="store_true", help="take the packages for granted")
    parser.add_argument("--build", default="build/check", help="where to build (build/check)")
    parser.add_argument("parts", nargs="*", metavar="PART")
    return parser.parse_args()


def run_part(name, function, run):
    """One part: its tests, what its builds counted, and whether it left something running."""
    print(f"== {name}", flush=True)
    started = time.monotonic()
    tally = Tally()
    run.builds.tally = tally
    try:
        tally.add(function(run))
    except Exception as problem:  # a mistake of ours: the part has failed, the others go on
        tally.fail(name, f"crashed: {type(problem).__name__}: {problem}")
    if strays := end_strays():
        tally.fail(name, f"left running: {', '.join(strays)}")
    if tally.total == 0:
        tally.fail(name, "ran no test")
    took = time.monotonic() - started
    print(f"== {name}: {tally.passed} passed, {len(tally.failed)} failed, {took:.0f} s", flush=True)
    return tally, took


def forget_settings():
    """What somebody set for their own programs (a port, interfaces) is not for the tests."""
    for name in list(os.environ):
        if name.startswith("AUTOBUS_") and not name.startswith(("AUTOBUS_TEST_", "AUTOBUS_REQUIRE_")):
            del os.environ[name]


def main():
    forget_settings()
    # Started in the background by a shell we would ignore interrupts, and so would all that is tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = arguments()
    known = LONG if options.long else QUICK
    if options.list:
        print("\n".join(known))
        return 0
    if unknown := set(options.parts) - set(known):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2

    root = Path(__file__).resolve().parents[2]
    work = (root / options.build).resolve()
    scale = float(os.environ.get("AUTOBUS_TEST_SCALE", "1" if options.long else "0.1"))
    seed = int(os.environ.get("AUTOBUS_TEST_SEED", random.randrange(1, 2**31)))
    print(f"AUTOBUS_TEST_SEED={seed} AUTOBUS_TEST_SCALE={scale:g}", flush=True)

    adopt_orphans()
    run = parts.Run(root, work, Builds(root, work), scale, seed, options.long)
    everything, record = Tally(), Record(root, work, known, seed) if options.long else None
    try:
        for name in known:
            if not options.parts or name in options.parts:
                tally, took = run_part(name, known[name], run)
                everything.add(tally)
                if record:
                    record.keep(name, tally, took)
    except KeyboardInterrupt:
        end_all()
        end_strays()
        everything.fail("the run", "interrupted")
    if record:
        record.write(parts.bench_table(run))

    for failure in everything.failures():
        print(f"failed: {failure}")
    print(everything.skips_in_one_line())
    print(f"{everything.passed} passed, {len(everything.failed)} failed", flush=True)
    return 1 if everything.failed else 0


sys.exit(main())
