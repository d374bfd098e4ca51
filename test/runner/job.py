"""Runs programs: several at a time, each with a log and a bound, and none outlives its part.

Knows processes and logs. Does not know what the programs test.
"""

import ctypes
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tally import Tally

_PR_SET_CHILD_SUBREAPER = 36
_TAIL = 30
_MOMENT = 2
# What a sanitizer says of a whole program, and Criterion of a test that passed and then ended badly.
_ACCUSATION = re.compile(r"^(SUMMARY: (?:\w+Sanitizer|libFuzzer): .*)$|^\[----\] (Warning! .*)$", re.MULTILINE)
_COMPLAINT = re.compile(r"^\S+:\d+:\d+: (?:fatal )?error: |undefined reference to|multiple definition of|"
                        r"^CMake Error|^ninja: error: ")
# Criterion prints what fails outside of a test, and does not count it.
_UNCOUNTED = "Assertion Failed"
_running = set()
_screen = threading.Lock()


@dataclass
class Job:
    """A program to run once, and what its end means."""

    name: str
    argv: list
    timeout: float = 300
    env: dict = field(default_factory=dict)
    cwd: str = None
    tells: bool = True      # prints a line per test; otherwise its exit code is one test
    tap: bool = False       # is Criterion, which writes those lines where --tap says


def adopt_orphans():
    """Whoever loses its parent below us becomes our child, where end_strays() finds it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_strays():
    """End what a part left running, and say what it was. What ends by itself in a moment was not left: a sanitizer's
    reader of symbols hears of its program's end no sooner than we do."""
    names = []
    until = time.monotonic() + _MOMENT
    while children := _children():
        for pid, name in children:
            if not _ends(pid, until - time.monotonic()):
                names.append(name)
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return names


def _ends(pid, within):
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], max(0, within))[0])
    finally:
        os.close(handle)


def _children():
    found = []
    for entry in Path("/proc").iterdir():
        try:
            head, _, tail = (entry / "stat").read_text().rpartition(")")
        except (OSError, UnicodeDecodeError):
            continue
        state, parent = tail.split()[:2]
        if int(parent) == os.getpid():
            pid, _, name = head.partition(" (")
            if state == "Z":
                os.waitpid(int(pid), 0)
            else:
                found.append((int(pid), name))
    return found


def end_all():
    """End every running job: the run was interrupted."""
    for process in list(_running):
        os.killpg(process.pid, signal.SIGKILL)


def run(job, folder):
    """Run one job; its Tally, how long it took, and its log."""
    log = folder / (re.sub(r"\W+", "-", job.name).strip("-") + ".log")
    tap = log.with_suffix(".tap")
    argv = list(map(str, job.argv)) + ([f"--tap={tap}"] if job.tap else [])
    tap.unlink(missing_ok=True)
    started = time.monotonic()
    with open(log, "wb") as output:
        output.write(f"$ {' '.join(argv)}\n".encode())
        output.flush()
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env={**os.environ, **job.env}, cwd=job.cwd, start_new_session=True)
        _running.add(process)
        try:
            code = process.wait(job.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = None
        finally:
            _running.discard(process)
    return _judge(job, code, log, tap if job.tap else log), time.monotonic() - started, log


def _judge(job, code, log, verdicts):
    tally = Tally()
    if job.tells and verdicts.exists():
        for line in verdicts.read_text(errors="replace").splitlines():
            tally.read(line, f"{job.name}: ")
    said = log.read_text(errors="replace")
    for accusation in sorted({one or other for one, other in _ACCUSATION.findall(said)}):
        tally.fail(job.name, accusation)
    if job.tap and not tally.failed and _UNCOUNTED in said:
        tally.fail(job.name, "a check failed outside of the tests, in what sets up or clears away")
    if code is None:
        tally.fail(job.name, f"did not end within {job.timeout:.0f} s")
    elif code == 77 and tally.total == 0:
        tally.skip(job.name, said.splitlines()[-1])
    elif code not in (0, 77) and not tally.failed:
        tally.fail(job.name, f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}")
    elif code == 0 and not job.tells:
        tally.passed += 1
    elif tally.total == 0:
        tally.fail(job.name, "ran no test")
    return tally


def run_all(jobs, folder, slots=None):
    """Run jobs side by side and tell the screen as they end; their common Tally."""
    folder.mkdir(parents=True, exist_ok=True)
    common = Tally()
    with ThreadPoolExecutor(slots or os.cpu_count()) as pool:
        for tally in pool.map(lambda job: _run_and_tell(job, folder), jobs):
            common.add(tally)
    return common


def _worth_seeing(log):
    """What a compiler complains of, wherever it stands; else the end."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if _COMPLAINT.search(line)][:_TAIL] or lines[-_TAIL:]


def _run_and_tell(job, folder):
    tally, took, log = run(job, folder)
    with _screen:
        word = "FAIL" if tally.failed else "ok  " if tally.passed else "skip"
        print(f"  {word} {job.name}  ({tally.passed} of {tally.total}, {took:.1f} s)")
        for failure in tally.failures():
            print(f"       not ok {failure}")
        if tally.failed:
            print(f"       from {log}:")
            for line in _worth_seeing(log):
                print(f"       | {line}")
        sys.stdout.flush()
    return tally
