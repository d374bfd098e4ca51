#!/usr/bin/env python3
"""Counts what the hot paths of the library cost, and holds them to what they have cost before.

    python3 test/bench/paths.py --build build/release            as tests: more than a tenth of growth fails
    python3 test/bench/paths.py --build build/release --table    what each costs now, and what it had cost
    python3 test/bench/paths.py --build build/release --renew    what they cost now is what they are held to

bench-paths takes the paths under callgrind, which counts the instructions of all threads, the C library's included. Of
the same counts come how often memory was allocated, the lock taken, the clock read and the kernel called. None of it
depends on how fast or busy the machine is; all of it depends on the compiler and the C library, so for those that
paths.json does not know it is skipped.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KNOWN = Path(__file__).with_suffix(".json")
GROWTH = 1.10
# What else is counted: functions of the C library, and how many more calls of them there may be for an operation.
CALLS = {
    "allocations": ({"malloc", "calloc", "realloc"}, 0.1),
    "locks": ({"pthread_mutex_lock"}, 0.25),
    "clocks": ({"clock_gettime", "paths_clock"}, 0.25),
    "kernel": ({"send", "recv", "read", "write", "epoll_wait", "epoll_ctl", "timerfd_settime"}, 0.25),
}
# Paths in company, and the same ones alone: company may cost a twentieth, for which there is no reason but chance.
COMPANY = 1.05
ALONE = {"a call beside 1,000 connections": "a call that is waited for",
         "an event to each of 64 listeners": "an event to each of 8 listeners"}
FILES = 4096
# How many times what seems dearer is looked at: threads that meet otherwise make a hundredth or two.
LOOKS = 3


def program(build):
    path = Path(build) / "test/bench-paths"
    if not path.exists():
        sys.exit(f"{path} is not there; build it first")
    return path


def skip(reason):
    print(f"skip paths: {reason}")
    sys.exit(77)


def how_built(path):
    """What the counts depend on, as a key of paths.json."""
    built = subprocess.run([path, "--built"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{platform.machine()} {built}"


def costs(profile):
    """(instructions, {kind: calls}) of one of callgrind's files."""
    instructions, calls = 0, dict.fromkeys(CALLS, 0)
    caller = callee = ""
    for line in profile.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("totals: "):
            instructions = int(line.split()[1])
        elif line.startswith("fn="):
            caller = line[3:]
        elif line.startswith("cfn="):
            callee = line[4:]
        elif line.startswith("calls="):
            for kind, (names, _) in CALLS.items():
                # realloc() calls malloc(), which is not one more.
                if callee.partition("@")[0] in names and caller.partition("@")[0] not in names:
                    calls[kind] += int(line[6:].split()[0])
    return instructions, calls


def take(path):
    """{path: {what: cost of one operation}}"""
    with tempfile.TemporaryDirectory() as folder:
        # Names are enough; and valgrind of this age cannot read what newer compilers write for debuggers.
        bare = Path(folder) / path.name
        subprocess.run(["strip", "--strip-debug", "-o", bare, path], check=True)
        # What a dump has told is told no more. (--zero-before would leave some of it.)
        argv = ["valgrind", "--tool=callgrind", "--dump-before=paths_begin", "--dump-before=paths_end",
                "--compress-strings=no", "--compress-pos=no", "--callgrind-out-file=out", bare]
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, "LD_BIND_NOW": "1"})
        if done.returncode != 0:
            sys.exit(f"bench-paths ended with {done.returncode}: {done.stderr[-2000:]}")
        found = {}
        for number, line in enumerate(done.stdout.splitlines(), 1):
            operations, _, name = line.partition(" ")
            instructions, calls = costs(Path(folder) / f"out.{2 * number}")
            found[name] = {"instructions": round(instructions / int(operations)),
                           **{kind: round(count / int(operations), 2) for kind, count in calls.items()}}
    return found


def growth(known, now):
    """What is dearer than it may be, in words; empty: nothing."""
    said = []
    if now["instructions"] > known["instructions"] * GROWTH:
        said.append(f"{now['instructions']:,} instructions, were {known['instructions']:,}")
    said += [f"{now[kind]} {kind}, were {known[kind]}" for kind, (_, more) in CALLS.items()
             if now[kind] > known[kind] + more]
    return "; ".join(said)


def company(found):
    """Those that cost more in company than alone, each in words."""
    said = []
    for beside, alone in ((f"{beside}, {wire}", f"{alone}, {wire}") for beside, alone in ALONE.items()
                          for wire in ("frames", "lines")):
        cost, least = found[beside]["instructions"], found[alone]["instructions"]
        if cost > least * COMPANY:
            said.append(f"{beside}: {cost:,} instructions, {alone}: {least:,}")
    return said


def notices_growth(found):
    """True if each path would fail if it had cost nine tenths before, and each in company if it cost a fifth more: this
    sees what it is for."""
    dearer = {name: {what: cost * (1.2 if name.rpartition(",")[0] in ALONE else 1) for what, cost in now.items()}
              for name, now in found.items()}
    return len(company(dearer)) == 2 * len(ALONE) and all(
        growth({what: cost * 0.9 for what, cost in now.items()}, now) for now in found.values())


def judge(path, known):
    """Test each path; those that seem dearer are looked at again. True: none is."""
    found = take(path)
    for _ in range(LOOKS - 1):
        if not any(growth(known[name], now) for name, now in found.items() if name in known):
            break
        for name, now in take(path).items():
            found[name] = {what: min(cost, found[name][what]) for what, cost in now.items()}
    is_fine = True
    for name, now in found.items():
        said = growth(known[name], now) if name in known else "paths.json does not know it; --renew"
        print(f"not ok {name}: {said}" if said else f"ok {name}")
        is_fine = is_fine and not said
    said = "; ".join(company(found))
    print(f"not ok company costs nothing: {said}" if said else "ok company costs nothing")
    is_fine = is_fine and not said
    print("ok growth is noticed" if notices_growth(found) else "not ok growth is noticed: not that of every path")
    return is_fine and notices_growth(found)


def table(found, known):
    print("| of one operation | instructions | were |" + "".join(f" {kind} | were |" for kind in CALLS))
    print("|---|" + "---:|" * (2 * (1 + len(CALLS))))
    for name, now in found.items():
        before = known.get(name, {})
        print(f"| {name} |" + "".join(f" {now[what]:,} | {before.get(what, '')} |" for what in now))


def keep(all_known):
    """A line for each path, so that a change shows what has changed."""
    builds = []
    for key, paths in sorted(all_known.items()):
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in paths.items())
        builds.append(f" {json.dumps(key)}: {{\n{lines}\n }}")
    KNOWN.write_text("{\n" + ",\n".join(builds) + "\n}\n", encoding="utf-8")


def allow_many_files():
    """A thousand connections have two thousand ends there. Whether we may have so many."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < FILES:
        if most != resource.RLIM_INFINITY and most < FILES:
            return False
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, most))
    return True


def main():
    parser = argparse.ArgumentParser(prog="test/bench/paths.py", description="Counts what the hot paths cost.")
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", "build/release"), metavar="DIR",
                        help="where the programs are")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--table", action="store_true", help="print what they cost")
    what.add_argument("--renew", action="store_true", help="hold them to what they cost now")
    options = parser.parse_args()
    path = program(options.build).resolve()
    if not shutil.which("valgrind"):
        skip("valgrind is not installed")
    if not allow_many_files():
        skip(f"it takes {FILES} open files, and fewer are allowed here")
    key, all_known = how_built(path), json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.exists() else {}
    if options.renew:
        keep({**all_known, key: take(path)})
    elif options.table:
        table(take(path), all_known.get(key, {}))
    elif key not in all_known:
        skip(f"nothing is known of {key}; --renew takes it down")
    else:
        sys.exit(0 if judge(path, all_known[key]) else 1)


if __name__ == "__main__":
    main()
