"""Declares benchmarks, and runs each in a sandbox: nothing it starts outlives it, and it speaks on no real network.

Knows sandboxes and files. Does not know what is measured.
"""

import collections
import json
import sys
import tempfile
import time

from town.sandbox import PASSED, Sandbox
from town.town import Town

from .figures import Figure

_EVERY = 10.0  # seconds between progress lines where there is no terminal

benches = collections.OrderedDict()


def bench(name, seconds):
    """Declare a benchmark that takes about so many seconds: function(report)."""
    def declare(function):
        benches[name] = function
        function.bench, function.seconds = name, seconds
        return function
    return declare


class Report:
    """What a benchmark is given: a town, and where to put what it finds."""

    def __init__(self, name, build, results, town=None):
        self.town = town or Town(build)
        self._name = name
        self._results = results
        self._told = time.monotonic()

    def figure(self, name, value, unit, goal=None, **details):
        figure = Figure(self._name, name, value, unit, goal, details)
        self._results.write(json.dumps(figure.as_dict()) + "\n")
        self._results.flush()
        self.progress(f"{name}: {value:.4g} {unit}", at_once=True)

    def progress(self, sentence, at_once=False):
        """Say where we are; not more often than people want to read it."""
        now = time.monotonic()
        if sys.stderr.isatty() or at_once or now - self._told >= _EVERY:
            self._told = now
            end = "\n" if at_once or not sys.stderr.isatty() else "\r"
            clear = "\33[K" if sys.stderr.isatty() else ""
            print(f"{clear}{self._name}: {sentence}", end=end, file=sys.stderr, flush=True)

    def watch(self, seconds, sentence):
        """Let the town live for so long, saying so."""
        over = time.monotonic() + seconds
        while (left := over - time.monotonic()) > 0:
            self.progress(f"{sentence}, {left:.0f} s to go")
            self.town.reactor.idle(min(left, 1.0))


def run(function, build):
    """Run one benchmark; (its figures, what went wrong or None)."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as results:
        sandbox = Sandbox(lambda: function(Report(function.bench, build, results)), bound=120 + 4 * function.seconds)
        status, reason, _ = sandbox.result()
        results.seek(0)
        figures = []
        for line in results:
            told = json.loads(line)
            told.pop("met")
            figures.append(Figure(**told))
    return figures, None if status == PASSED else reason

