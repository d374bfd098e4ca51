"""The goals as tests: what is over one and a half times of a goal has failed. Needs none of the peers.

Knows when to look again. Does not know what the goals are.
"""

import tempfile

from .goals import GOALS
from .packages import Packages
from .peers import CONTESTS, FLOOR
from .programs import Programs
from .rounds import Contest

_BARE = ("floor", "event_server", "stream")  # the programs that are needed
# Something else may take the machine for a while. It does not do so three times, and what is too slow stays so.
_LOOKS = 3


def _medians(goals, options, packages, programs):
    """{name: median} of everybody that these goals of one contest name, and who could not take part."""
    kind, at = goals[0].contest, goals[0].at
    contest, unit = CONTESTS[kind]
    names = dict.fromkeys(name for goal in goals for name in (goal.beside, *goal.ours))
    one = Contest(kind, {name: contest[name] for name in names}, unit, at, options)
    one.run(packages, programs)
    return {result["name"]: _median(result) for result in one.results()}, one.skipped


def _median(result):
    """Those of calls are held against the bare ones right before and after, and so in their medians too."""
    return result["ratio"]["median"] if "ratio" in result else result["value"]["median"]


def _judge(goals, options, packages, programs):
    """{goal: (is it kept, in words)}"""
    values, skipped = _medians(goals, options, packages, programs)
    if FLOOR in values:
        values[FLOOR] = 1
    if skipped:
        return {goal: (False, "; ".join(f"{name}: {why}" for name, why in skipped.items())) for goal in goals}
    return {goal: goal.verdict(values) for goal in goals}


def check(options):
    """Prints a line for each goal; whether all are kept."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(folder)
        programs = Programs(folder, packages)
        programs.compile(_BARE)
        verdicts = {}
        for _ in range(_LOOKS):
            missed = [goal for goal in GOALS if not verdicts.get(goal, (False,))[0]]
            for kind in dict.fromkeys((goal.contest, goal.at) for goal in missed):
                verdicts |= _judge([goal for goal in missed if (goal.contest, goal.at) == kind], options, packages,
                                   programs)
    for goal, (is_kept, words) in verdicts.items():
        print(f"ok {goal.name} ({words})" if is_kept else f"not ok {goal.name}: {words}")
    missed = [goal.name for goal in GOALS if not goal.notices()]
    print(f"not ok a miss is noticed: not of {', '.join(missed)}" if missed else "ok a miss is noticed")
    return not missed and all(is_kept for is_kept, _ in verdicts.values())
