#!/usr/bin/env python3
"""Draws the pictures of the documentation into docs/pictures: the terminals of first-minutes.md, whose blocks the tests
hold to what is printed, and the architecture.

    python3 docs/make/pictures.py             draws them
    python3 docs/make/pictures.py --check     is content if they are what it would draw

Knows coordinates and colours. Both stand on a ground of their own, so that they can be read on white and on black.
"""

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parents[1] / "pictures"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_SANS = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
COLUMNS, CHARACTER, LINE, MARGIN, BAR = 92, 8.43, 19, 16, 30


def head(width, height, title):
    """The beginning of every picture."""
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img">', f"<title>{escape(title)}</title>"]


def wrapped(line):
    """As a terminal breaks it."""
    return [line[at:at + COLUMNS] for at in range(0, max(len(line), 1), COLUMNS)]


def styled(line):
    """The prompt, what was typed behind it, what the tools say on standard error, and the rest."""
    prompt = re.match(r"(\w+\$) (.*)", line)
    if prompt:
        return (f'<tspan fill="#7ee787">{escape(prompt[1])}</tspan> '
                f'<tspan fill="#ffffff" font-weight="bold">{escape(prompt[2])}</tspan>')
    fill = "#e3b341" if line.startswith("autobus-") else "#8b949e" if line.startswith("TYPE ") else "#c9d1d9"
    return f'<tspan fill="{fill}">{escape(line)}</tspan>'


def window(top, title, lines):
    """One terminal; its lines and the height that it takes."""
    rows = [(row, line) for line in lines for row in wrapped(line)]
    height = BAR + len(rows) * LINE + MARGIN
    width = round(COLUMNS * CHARACTER + 2 * MARGIN)
    out = [f'<rect x="0.5" y="{top + 0.5}" width="{width - 1}" height="{height - 1}" rx="8" fill="#161b22" '
           f'stroke="#484f58"/>']
    out += [f'<circle cx="{18 + 18 * n}" cy="{top + 15}" r="5" fill="{fill}"/>'
            for n, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    out.append(f'<text x="{width / 2:.0f}" y="{top + 20}" text-anchor="middle" fill="#8b949e" '
               f'font-family="{_SANS}" font-size="13">{escape(title)}</text>')
    for number, (row, line) in enumerate(rows):
        style = styled(line) if row == line else f'<tspan fill="#e3b341">{escape(row)}</tspan>'
        out.append(f'<text x="{MARGIN}" y="{top + BAR + number * LINE + 14}" xml:space="preserve" '
                   f'textLength="{len(row) * CHARACTER:.1f}">{style}</text>')
    return out, height


def first_minutes():
    """The terminals of the README."""
    blocks = [block.replace("\n^C\n", "\n").splitlines()
              for block in _BLOCK.findall((FOLDER / "first-minutes.md").read_text(encoding="utf-8"))]
    out, top = [], 0
    for title, lines in zip(("a Raspberry Pi", "a laptop on the same network"), blocks):
        drawn, height = window(top, title, lines)
        out += drawn
        top += height + 12
    title = ("A lamp is published on a Raspberry Pi; a laptop lists it, calls it, is refused what does not fit, and "
             "watches it through a restart")
    first = head(round(COLUMNS * CHARACTER + 2 * MARGIN), top - 12, title)
    return "\n".join([*first, f'<g font-family="{_MONO}" font-size="14">', *out, "</g>", "</svg>", ""])


def box(left, top, width, height, fill, stroke):
    """A rounded rectangle."""
    return f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{stroke}"/>'


def words(left, top, text, size=13, fill="#24292f", anchor="middle", weight="normal"):
    """One line of text."""
    return (f'<text x="{left}" y="{top}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" '
            f'font-weight="{weight}">{escape(text)}</text>')


def program(left, top, name, has):
    """A program with its bus and what it has."""
    return [box(left, top, 200, 104, "#ffffff", "#57606a"), words(left + 100, top + 22, name, 14, weight="bold"),
            *(words(left + 100, top + 42 + 17 * number, line, 12, "#57606a") for number, line in enumerate(has)),
            box(left + 10, top + 76, 180, 22, "#ddf4ff", "#0969da"), words(left + 100, top + 92, "bus", 12, "#0969da")]


def arrow(path, colour, dashes=""):
    """A line with a head at both ends."""
    return (f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" marker-start="url(#{colour[1:]})" '
            f'marker-end="url(#{colour[1:]})"{dashes and f" stroke-dasharray={chr(34)}{dashes}{chr(34)}"}/>')


def architecture():
    """Two machines, four programs, the three ways between them."""
    green, blue, orange = "#1a7f37", "#0969da", "#bc4c00"
    out = head(840, 400, "Two machines with two programs each. Every program has a bus; buses find each other by UDP "
                         "broadcast and talk directly, by TCP or on one machine over a unix socket")
    out += ["<defs>"]
    out += [f'<marker id="{colour[1:]}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="{colour}"/></marker>'
            for colour in (green, blue, orange)]
    out += ["</defs>", box(0.5, 0.5, 839, 399, "#ffffff", "#d0d7de"), f'<g font-family="{_SANS}">']
    for left, name in ((20, "a Raspberry Pi"), (580, "a laptop")):
        out += [box(left, 20, 240, 300, "#f6f8fa", "#d0d7de"), words(left + 120, 42, name, 14, "#57606a")]
    out += program(40, 56, "heating", ("offers a thermometer:", "object celsius"))
    out += program(40, 204, "autobus-publish", ("offers a relay:", "function switch"))
    out += program(600, 56, "display", ("watches celsius",))
    out += program(600, 204, "autobus-call", ("calls switch",))
    out += [arrow("M232 143 H606", blue), words(420, 134, "TCP: values, events, channels", 12, blue),
            arrow("M232 291 H606", blue), words(420, 282, "TCP: a call and its answer", 12, blue),
            arrow("M216 156 V278", green), words(206, 186, "unix socket", 12, green, "end"),
            f'<line x1="40" y1="352" x2="800" y2="352" stroke="{orange}" stroke-width="3"/>']
    out += [arrow(f"M{left} 304 V350", orange, "4 3") for left in (140, 700)]
    out += [arrow(f"M{left} 156 V190 H{left + side} V350", orange, "4 3") for left, side in ((50, -16), (790, 16))]
    out += [words(420, 344, "UDP broadcast and multicast: who is there, who comes, who goes", 12, orange),
            words(420, 380, "No server: whatever is unplugged, the rest goes on.", 14, weight="bold")]
    return "\n".join([*out, "</g>", "</svg>", ""])


PICTURES = {"first-minutes.svg": first_minutes, "architecture.svg": architecture}

if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        stale = [name for name, draw in PICTURES.items()
                 if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != draw()]
        sys.exit(f"draw {' and '.join(stale)} again: python3 docs/make/pictures.py" if stale else 0)
    for file, draw_it in PICTURES.items():
        (FOLDER / file).write_text(draw_it(), encoding="utf-8")
