#!/usr/bin/env python3
"""Measures the library beside its peers, in one run, on this machine.

    python3 test/bench/peers/run.py --build build/release            everything: about half an hour
    python3 test/bench/peers/run.py --build build/release autobus    only those whose name has this word, and the floor
    python3 test/bench/peers/run.py --build build/release --quick    that everybody can be measured: a minute or two
    python3 test/bench/peers/run.py --build build/release --check    ours, held to the goals as tests: a minute

The peers come from Debian's packages, unpacked into a folder and not installed. Everything speaks on free ports of
127.0.0.1 and in a folder of its own, and ends with the run. A peer that cannot take part is named and left out.
An interrupted run tells what it has so far.
The table says how each number is taken. Leave the machine alone meanwhile: its load is written down.
"""

import argparse
import os
import platform
import signal
import sys
import time
from pathlib import Path

from contest import plots, results
from contest.check import check
from contest.packages import Packages
from contest.peers import CONTESTS
from contest.programs import Programs
from contest.rounds import Contest
from contest.world import PLACES


def arguments():
    parser = argparse.ArgumentParser(prog="test/bench/peers/run.py",
                                     description="Measures the library beside its peers, in one run.")
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", "build/release"), metavar="DIR",
                        help="where autobus-bench is")
    parser.add_argument("--out", default="build/peers", metavar="DIR", help="where results, packages and programs go")
    parser.add_argument("--calls", type=int, default=20000, metavar="N",
                        help="calls of each single measurement [20000]; ten times as many "
                             "at once, and a megabyte of a stream for each 20")
    parser.add_argument("--pairs", type=int, default=9, metavar="N", help="turns, each between two floors [9]")
    parser.add_argument("--contest", choices=list(CONTESTS), action="append", help="only this one")
    parser.add_argument("--at", choices=list(PLACES), action="append",
                        help="only so; two-cores, each side on one of its own, only if asked for")
    parser.add_argument("--quick", action="store_true", help="one turn of 200 calls: who works, not how fast")
    parser.add_argument("--check", action="store_true",
                        help="tests: what takes one and a half times the goal's time fails; needs none of the peers")
    parser.add_argument("--list", action="store_true", help="name who takes part and measure nothing")
    parser.add_argument("names", nargs="*", metavar="WORD")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if options.quick:
        options.calls, options.pairs = 200, 1
    if options.check:
        if options.names or options.contest or options.at:
            parser.error("--check holds everything of ours to its goal, and takes no choice")
        options.calls, options.pairs = 4000, 5
    return options


def measure(options, packages, programs, found, skipped):
    """Adds every result to `found`, and who was left out, and why, to `skipped`, also when it is interrupted."""
    for kind, (contest, unit) in CONTESTS.items():
        for at in options.at or ("large", "one-core"):
            if kind == "idle" and at != "large":
                continue  # memory knows no cores
            if options.contest and kind not in options.contest:
                continue
            one = Contest(kind, contest, unit, at, options)
            try:
                one.run(packages, programs)
            finally:
                found += one.results()
                skipped |= one.skipped


def main():
    options = arguments()
    if options.list:
        print("\n".join(f"{kind}: {name}" for kind, (contest, _) in CONTESTS.items() for name in contest))
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    if options.check:
        return 0 if check(options) else 1
    folder = Path(options.out).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    packages = Packages(folder)
    packages.fetch()
    programs = Programs(folder, packages)
    programs.compile()
    about = {"machine": platform.machine(), "kernel": platform.release(), "cores": os.cpu_count(),
             "load": os.getloadavg()[0], "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
             "pairs": options.pairs, "calls": options.calls}
    found, skipped = [], {}
    try:
        measure(options, packages, programs, found, skipped)
    finally:
        results.write(folder, about, found, skipped)
        plots.draw(folder, found, results.TITLES)
        print(results.table(about, found, skipped), end="")
    return 0 if found else 77


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
