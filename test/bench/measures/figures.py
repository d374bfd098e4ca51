"""One measured number with the goal it is held to; medians and percentiles; the table for people.

Knows arithmetic and columns. Does not know how anything is measured.
"""

from dataclasses import asdict, dataclass, field


@dataclass
class Figure:
    """A quantity. `goal` is the most it may be; None: reported only."""

    bench: str
    name: str
    value: float
    unit: str
    goal: float = None
    details: dict = field(default_factory=dict)

    @property
    def is_met(self):
        return self.goal is None or self.value <= self.goal

    def as_dict(self):
        return {**asdict(self), "met": self.is_met}


def percentile(values, share):
    """The smallest value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def median(values):
    return percentile(values, 0.5)


def _number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(figures):
    """Lines of a table, in Markdown and aligned: what, how much, the goal, and how it went."""
    rows = [("benchmark", "measured", "goal", "")]
    for one in figures:
        goal = "" if one.goal is None else f"{_number(one.goal)} {one.unit}"
        verdict = "" if one.goal is None else "met" if one.is_met else "MISSED"
        rows.append((f"{one.bench}: {one.name}", f"{_number(one.value)} {one.unit}", goal, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [f"| {row[0]:<{widths[0]}} | {row[1]:>{widths[1]}} | {row[2]:>{widths[2]}} | {row[3]:<{widths[3]}} |"
             for row in rows]
    rule = f"|{'-' * (widths[0] + 2)}|{'-' * (widths[1] + 1)}:|{'-' * (widths[2] + 1)}:|{'-' * (widths[3] + 2)}|"
    return [lines[0], rule, *lines[1:]]
