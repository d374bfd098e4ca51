"""Stories: functions whose names read as sentences, run each in a sandbox of its own, several at a time.

A story file ends with `main()`. Run alone it exits 0 (all held), 1 (one did not) or 77 (all were skipped).
"""

import argparse
import collections
import os
import selectors
import sys
import traceback

from . import transport
from .expectation import nothing_unseen
from .sandbox import FAILED, PASSED, SKIPPED, Sandbox
from .town import Town

SLOW = 5.0  # seconds of real waiting from which on a story is slow

_stories = collections.OrderedDict()


def story(function=None, *, waits=0.0, scaled=0.0, busy=False, near=False):
    """Declare a story. `waits`: how long it takes by nature; `scaled`: what AUTOBUS_TEST_SCALE makes shorter of it;
    `busy`: it takes the whole machine; `near`: it holds as well where all its hosts are one, and so is
    told over unix sockets too."""
    def declare(one):
        one.waits, one.scaled, one.busy, one.near = waits, scaled, busy, near
        _stories[one.__name__] = one
        return one
    return declare(function) if function else declare


def _duration(one):
    return one.waits + one.scaled * _scale()


def _scale():
    return float(os.environ.get("AUTOBUS_TEST_SCALE", "0.1"))


def _play(one, options):
    """Runs in the sandbox."""
    town = Town(options.build, _scale(), options.seed)
    try:
        one(town)
        nothing_unseen(town)
        town.close()
    except AssertionError as problem:
        said = f"{problem} ({_place(problem, one)})"
        raise AssertionError(f"{said}\n{town.report()}" if options.verbose else said) from None


def _place(problem, one):
    """The line of the story that went wrong."""
    steps = [step for step in traceback.extract_tb(problem.__traceback__)
             if step.filename == one.__code__.co_filename]
    return f"line {steps[-1].lineno}: {steps[-1].line}" if steps else "at its end"


def _begin(one, options, null):
    return Sandbox(lambda: _play(one, options), bound=60 + 3 * _duration(one) * options.patience, output=null)


def _tell(name, status, reason, took, options):
    """Print the verdict; whether it is a failure."""
    if status == SKIPPED and os.environ.get("AUTOBUS_REQUIRE_NETNS") == "1" and "namespaces" in reason:
        status = FAILED
    if status == PASSED:
        print(f"ok {name}" + (f"  ({took:.1f} s)" if options.verbose else ""), flush=True)
    elif status == SKIPPED:
        print(f"skip {name}: {reason}", flush=True)
    else:
        print(f"not ok {name}: {reason.rstrip()}", flush=True)
    return status


def _run(chosen, options):
    """Run stories, at most options.jobs at a time; the set of their statuses."""
    waiting = collections.deque(sorted(chosen, key=_duration, reverse=True) if options.jobs > 1 else chosen)
    statuses = set()
    with open(os.devnull, "w", encoding="ascii") as null, selectors.DefaultSelector() as running:
        output = None if options.verbose else null.fileno()
        while waiting or running.get_map():
            while waiting and len(running.get_map()) < options.jobs:
                one = waiting.popleft()
                running.register(_begin(one, options, output), selectors.EVENT_READ, one)
            for key, _ in running.select(1.0) or _overdue(running):
                running.unregister(key.fileobj)
                statuses.add(_tell(key.data.__name__, *key.fileobj.result(), options))
    return statuses


def _overdue(running):
    return [(key, 0) for key in list(running.get_map().values()) if key.fileobj.is_overdue]


def _arguments(jobs):
    parser = argparse.ArgumentParser(description="Stories of several hosts on one machine.")
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", "build"), help="where the programs are")
    parser.add_argument("--list", action="store_true", help="print each story: fast, calm or busy; run none")
    parser.add_argument("--fast", action="store_true", help="only stories without real waits over 5 s")
    parser.add_argument("--calm", action="store_true", help="only slow ones that leave the machine to others")
    parser.add_argument("--busy", action="store_true", help="only slow ones that do not")
    parser.add_argument("--jobs", type=int, default=jobs, help="how many at a time")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("AUTOBUS_TEST_SEED", "1")))
    parser.add_argument("--patience", type=float, default=1.0, help="factor on the time after which a story is ended")
    parser.add_argument("-v", "--verbose", action="store_true", help="what everybody heard, when it goes wrong")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only stories with this in their name")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    return options


def _kind(one):
    if _duration(one) <= SLOW:
        return "fast"
    return "busy" if one.busy else "calm"


def _is_chosen(one, options):
    kinds = {kind for kind in ("fast", "calm", "busy") if getattr(options, kind)}
    return (not options.names or any(name in one.__name__ for name in options.names)) and \
        (not kinds or _kind(one) in kinds) and (one.near or not transport.is_unix())


def main(jobs=1):
    """Run the stories declared so far, as the command line asks; at most so many at a time unless it says more."""
    options = _arguments(jobs)
    chosen = [one for one in _stories.values() if _is_chosen(one, options)]
    if options.list:
        for one in chosen:
            print(_kind(one), one.__name__)
        sys.exit(0)
    if not chosen:
        sys.exit(f"no story is called {' or '.join(options.names) or 'so'}")
    os.chdir("/")
    statuses = _run(chosen, options)
    if FAILED in statuses or not statuses <= {PASSED, SKIPPED}:
        sys.exit(FAILED)
    sys.exit(PASSED if PASSED in statuses else SKIPPED)
