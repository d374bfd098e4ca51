"""What calls, events and streams shall cost, each beside something bare that was measured in the same run.

Knows the goals. Does not know how anything is measured.
"""

from dataclasses import dataclass

from .peers import BARE_MESSAGES, BARE_STREAM, EVENT_UNIX, FLOOR
from .results import number

# Where the goals of rates come from, bare connections carried so much. On a slower machine the goals are lower, in
# proportion; on a faster one they are not higher.
_BARE_THERE = {BARE_MESSAGES: 16.4e6, BARE_STREAM: 5.5}
# Tests hold us to no more than this part of a goal: machines differ, and have other things to do.
SLACK = 1.5


@dataclass(frozen=True)
class Goal:
    """Of a call: how many times the bare one's time it may take. Of a rate: how much a second."""

    name: str
    contest: str
    ours: tuple  # the best of them counts
    beside: str
    goal: float
    at: str = "large"

    @property
    def is_rate(self):
        return self.beside in _BARE_THERE

    def _bound(self, goal):
        return goal / SLACK if self.is_rate else goal * SLACK

    def _reached(self, values):
        """(what we reach, the goal here), of {name: median}."""
        bare, found = values[self.beside], [values[name] for name in self.ours]
        if self.is_rate:
            return max(found), self.goal * min(1, bare / _BARE_THERE[self.beside])
        return min(found) / bare, self.goal

    def verdict(self, values):
        """(whether it is kept but for the slack, that in words)"""
        found, goal = self._reached(values)
        bound = self._bound(goal)
        words = f"{number(found)}, at {'least' if self.is_rate else 'most'} {number(bound)}; goal {number(goal)}"
        return found >= bound if self.is_rate else found <= bound, words

    def notices(self):
        """Whether a hundredth more than the slack allows is a miss, and a hundredth less is none."""
        bare, bound = _BARE_THERE.get(self.beside, 1.0), self._bound(self.goal)
        less, more = ({self.beside: bare, **dict.fromkeys(self.ours, bound * part)} for part in (0.99, 1.01))
        return self.verdict(less)[0] is not self.is_rate and self.verdict(more)[0] is self.is_rate


def _calls(transport):
    return tuple(f"autobus {transport}, frames, {face}" for face in ("c", "raw"))


def _floods(wire, window):
    return tuple(f"autobus {wire}, {face}, {window} at once" for face in ("c", "raw"))


def _events(wire, listeners):
    return tuple(f"autobus {transport}, {wire}, 1 to {listeners}" for transport in ("tcp", "unix"))


# Left alone, the scheduler now and then has both sides of a connection on one core, where a call takes a quarter of the
# time: then those that it happens to would be compared with those that it does not.
GOALS = [
    Goal("a call over TCP", "call", _calls("tcp"), FLOOR, 1.20, "two-cores"),
    Goal("a call over the unix socket", "call", _calls("unix"), FLOOR, 0.88, "two-cores"),
    Goal("a call over the unix socket, beside a bare one", "call", _calls("unix"), EVENT_UNIX, 1.10, "two-cores"),
    Goal("a call over TCP, on one core", "call", _calls("tcp"), FLOOR, 1.40, "one-core"),
    Goal("a call over the unix socket, on one core", "call", _calls("unix"), FLOOR, 1.05, "one-core"),
    *(Goal(f"{window} calls at once, {wire}", "flood", _floods(wire, window), BARE_MESSAGES, rate)
      for wire, window, rate in (("frames", 64, 1.2e6), ("frames", 256, 2.0e6), ("lines", 64, 0.55e6),
                                 ("lines", 256, 0.85e6))),
    *(Goal(f"events to {listeners}, {wire}", "event", _events(wire, listeners), BARE_MESSAGES, rate)
      for wire, listeners, rate in (("frames", 1, 3e6), ("frames", 8, 5e6), ("lines", 1, 1.4e6), ("lines", 8, 2.5e6))),
    Goal("a stream", "stream", ("autobus stream, end to end",), BARE_STREAM, 3.3),
]
