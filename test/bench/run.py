#!/usr/bin/env python3
"""Measures the library against its goals: times, traffic, wakes, memory.

    python3 test/bench/run.py --build build/release            everything: about twenty-five minutes
    python3 test/bench/run.py --build build/release idle       some of it; --list names what there is
    python3 test/bench/run.py --build build/release --check    in small, as tests, without times: about half a minute

Every host is a network namespace that ends with the run; nothing is sent anywhere else. Ends with 0 when each goal is
met, 1 when one is missed, 77 when nothing could be measured.
"""

import argparse
import json
import os
import platform
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from measures import newcomer, news, deaths, idle, weight, hub, crowd  # noqa: E402, F401  (in the order of a run)
from measures.bench import benches, run  # noqa: E402
from measures.figures import table  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="test/bench/run.py", description="Measures the library against its goals.")
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", "build/release"), metavar="DIR",
                        help="where the programs are")
    parser.add_argument("--json", metavar="FILE", help="write each result as a line of JSON, too")
    parser.add_argument("--check", action="store_true", help="only what does not depend on speed, as tests")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and run none")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def machine():
    """Where these numbers come from."""
    return {"machine": platform.machine(), "kernel": platform.release(), "cores": os.cpu_count(),
            "load": os.getloadavg()[0], "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime())}


def measure(chosen, build, lines):
    """(every figure, what could not be measured)"""
    figures, problems = [], []
    for function in chosen:
        found, problem = run(function, build)
        figures += found
        for figure in found:
            lines.append(figure.as_dict())
        if problem:
            problems.append(f"{function.bench}: {problem}")
    return figures, problems


def main():
    options = arguments()
    if options.check:
        from measures import counts  # pylint: disable=import-outside-toplevel
        return counts.check(options)
    if options.list:
        print("\n".join(f"{name:<14} {function.seconds:>4} s" for name, function in benches.items()))
        return 0
    if unknown := set(options.names) - set(benches):
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(benches)}", file=sys.stderr)
        return 2
    build = os.path.abspath(options.build)
    file = os.path.abspath(options.json) if options.json else None
    os.chdir("/")
    lines = [machine()]
    figures, problems = measure([one for name, one in benches.items() if not options.names or name in options.names],
                                build, lines)
    if file:
        with open(file, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)
    print("\n".join(table(figures)))
    for problem in problems:
        print(f"could not be measured: {problem}")
    if not figures:
        return 77
    return 1 if problems or not all(one.is_met for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
