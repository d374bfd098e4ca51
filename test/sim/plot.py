#!/usr/bin/env python3
"""Draws what sim-scale measured as curves.

    sim-scale --json docs/plots/scale.jsonl
    python3 test/sim/plot.py docs/plots/scale.jsonl docs/plots

Knows the lines that sim-scale writes, and enough of SVG: both axes are logarithmic.
"""

import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 250, 40, 52
COLOURS = ("#1b6ca8", "#d1495b", "#3c8d5a", "#8a5fbf", "#c77d0a", "#4d4d4d")
_NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass
class Curve:
    """Points by number of buses, with a name."""

    name: str
    points: list
    is_dashed: bool = False
    colour: str = ""


@dataclass
class Chart:
    """Curves over the number of buses, and what stands at the axes."""

    title: str
    unit: str
    curves: list
    show: object = str
    limits: list = field(default_factory=list)  # (value, what it is)


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def seconds(value):
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1e3:.0f} ms" if value < 1 else f"{value:.0f} s"


def amount(value):
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g} B"


class Axes:
    """Where a value stands on the paper."""

    def __init__(self, chart):
        buses = [x for curve in chart.curves for x, _ in curve.points]
        values = [y for curve in chart.curves for _, y in curve.points] + [value for value, _ in chart.limits]
        self.x = (math.log10(min(buses)), math.log10(max(buses)))
        self.y = (math.floor(math.log10(min(values))), math.ceil(math.log10(max(values) * 1.01)))

    def across(self, buses):
        share = (math.log10(buses) - self.x[0]) / (self.x[1] - self.x[0] or 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def down(self, value):
        share = (math.log10(value) - self.y[0]) / (self.y[1] - self.y[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, anchor="start", **more):
    style = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def line(x1, y1, x2, y2, colour, **more):
    style = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{style}/>'


def grid(chart, axes):
    right = WIDTH - RIGHT
    for power in range(axes.y[0], axes.y[1] + 1):
        y = axes.down(10.0 ** power)
        yield line(LEFT, y, right, y, "#dddddd")
        yield text(LEFT - 8, y + 4, chart.show(10.0 ** power), "end")
    for buses in sorted({x for curve in chart.curves for x, _ in curve.points}):
        x = axes.across(buses)
        yield line(x, TOP, x, HEIGHT - BOTTOM, "#dddddd")
        yield text(x, HEIGHT - BOTTOM + 18, f"{buses:,}", "middle")
    yield text((LEFT + right) / 2, HEIGHT - 12, "buses", "middle")
    yield text(LEFT - 60, 20, chart.title, font_weight="bold")
    yield text(right, 20, chart.unit, "end")
    for value, words in chart.limits:
        y = axes.down(value)
        yield line(LEFT, y, right, y, "#999999", stroke_dasharray="2 3")
        yield text(right - 4, y - 5, words, "end", fill="#777777")


def drawn(curve, axes):
    dash = ' stroke-dasharray="6 4"' if curve.is_dashed else ""
    places = [(axes.across(x), axes.down(y)) for x, y in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{curve.colour}" stroke-width="2"{dash}/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{curve.colour}"/>'


def legend(curves):
    for number, curve in enumerate(curves):
        y = TOP + 8 + number * 20
        dash = {"stroke_dasharray": "6 4"} if curve.is_dashed else {}
        yield line(WIDTH - RIGHT + 14, y, WIDTH - RIGHT + 40, y, curve.colour, stroke_width=2, **dash)
        yield text(WIDTH - RIGHT + 46, y + 4, curve.name)


def svg(chart):
    axes = Axes(chart)
    parts = [f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">', f"<title>{escape(chart.title)}</title>",
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', *grid(chart, axes)]
    for curve in chart.curves:
        parts += drawn(curve, axes)
    return "\n".join([*parts, *legend(chart.curves), "</svg>", ""])


def curve_of(runs, name, value, services, loss, colour, is_dashed=False):
    """One curve, or none if there is no point."""
    points = sorted((run["buses"], value(run)) for run in runs
                    if run["services"] == services and run["loss"] == loss)
    points = [(x, y) for x, y in points if y > 0]
    return [Curve(name, points, is_dashed, COLOURS[colour])] if points else []


def by_services(runs, value):
    """A curve for each number of services; dashed where packets are lost. There, samples exaggerate: many who miss
    the same packet have one answer together, and few of them do not."""
    curves = []
    runs = [run for run in runs if not run["loss"] or run["sampled"] == run["buses"]]
    for loss in sorted({run["loss"] for run in runs}):
        for colour, services in enumerate(sorted({run["services"] for run in runs})):
            lost = f", {loss:.0%} lost" if loss else ""
            curves += curve_of(runs, plural(services, "service") + lost, value, services, loss, colour, loss > 0)
    return curves


def by_news(runs):
    """The times of one who comes or goes, with one service."""
    news = (("a guest knows all", lambda run: run["guest"]["knows"]),
            ("all know the guest", lambda run: run["guest"]["known"]),
            ("all heard a goodbye", lambda run: run["left"]["after"]),
            ("a death is believed", lambda run: run["vanished"]))
    curves = []
    for loss in sorted({run["loss"] for run in runs}):
        for colour, (name, value) in enumerate(news):
            lost = f", {loss:.0%} lost" if loss else ""
            curves += curve_of(runs, name + lost, value, 1, loss, colour, loss > 0)
    return curves


def charts(runs):
    return {
        "steady": Chart("While nothing happens", "sent in the whole network, a second",
                        by_services(runs, lambda run: run["steady"]["bytes"]), amount,
                        [(4096, "goal: 4 KB/s, nothing lost")]),
        "start": Chart("All start at once", "until each knows all",
                       by_services(runs, lambda run: run["cold"]["all"]), seconds),
        "start-traffic": Chart("All start at once", "sent in the whole network",
                               by_services(runs, lambda run: run["cold"]["bytes"]), amount),
        "news": Chart("One comes or goes", "each bus with one service", by_news(runs), seconds),
    }


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    runs = [json.loads(one) for one in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    for name, chart in charts(runs).items():
        (Path(sys.argv[2]) / f"scale-{name}.svg").write_text(svg(chart), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
