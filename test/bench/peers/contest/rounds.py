"""Who is measured when. Everybody is started first and then asked in turns, so that whatever else the machine does
hits all alike; each call is held against the floors just before and just after it.

Knows medians and turns. Does not know who the peers are.
"""

import statistics
import sys
import time

from .peers import FLOOR
from .world import PLACES, Absent, World


def _progress(sentence):
    if sys.stderr.isatty():
        print(f"\r\33[K{sentence}", end="", file=sys.stderr, flush=True)


def _start(world, contest, chosen, skipped):
    """{name: how to ask it} of all that can take part."""
    entrants = {}
    for name in chosen:
        _progress(f"starting {name}")
        try:
            entrants[name] = contest[name](world)
        except Absent as why:
            skipped[name] = str(why)
    return entrants


def _spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "each": values}


class Contest:
    """One kind of measurement, at one of PLACES."""

    def __init__(self, kind, contest, unit, at, options):
        self.kind, self.contest, self.unit, self.at, self.options = kind, contest, unit, at, options
        self.skipped = {}
        self._values, self._ratios = {}, {}

    def _chosen(self):
        words = self.options.names
        wanted = [name for name in self.contest if not words or any(word in name for word in words)]
        floor = [FLOOR] if FLOOR in self.contest and wanted else []
        return floor + [name for name in wanted if name not in floor]

    def run(self, packages, programs):
        world = World(self.options.build, packages, programs, self.at)
        try:
            entrants = _start(world, self.contest, self._chosen(), self.skipped)
            if FLOOR in self.contest and FLOOR not in entrants:
                return
            self._take(entrants)
        finally:
            world.close()
            _progress("")

    def results(self):
        """A list of dicts, of the turns taken so far."""
        found = []
        for name, values in self._values.items():
            if values:
                found.append({"contest": self.kind, "at": self.at, "name": name, "unit": self.unit,
                              "value": _spread(values)})
            if self._ratios[name]:
                found[-1]["ratio"] = _spread(self._ratios[name])
        return found

    def _ask(self, entrants, name):
        try:
            return entrants[name](self.options.calls)
        except (Absent, KeyError, ValueError, IndexError, StopIteration) as why:
            self.skipped[name] = str(why) or type(why).__name__
            return None

    def _take(self, entrants):
        self._values, self._ratios = {name: [] for name in entrants}, {name: [] for name in entrants}
        begun = time.monotonic()
        for turn in range(self.options.pairs):
            before = self._ask(entrants, FLOOR) if FLOOR in entrants else None
            for name in entrants:
                if name in (FLOOR, *self.skipped):
                    continue
                where = f"{self.kind}{PLACES[self.at]}"
                _progress(f"{where}: turn {turn + 1} of {self.options.pairs}, {time.monotonic() - begun:.0f} s, {name}")
                value = self._ask(entrants, name)
                if value is None:
                    continue
                self._values[name].append(value)
                if before is not None:
                    after = self._ask(entrants, FLOOR)
                    self._ratios[name].append(2 * value / (before + after))
                    self._values[FLOOR].append(after)
                    before = after
