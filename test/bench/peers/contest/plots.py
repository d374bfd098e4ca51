"""Pictures of a run, as SVG: a bar for each median, a line over it from the least to the most.

Knows shapes. Does not know what is shown.
"""

from xml.sax.saxutils import escape

from .world import PLACES

_ROW, _LEFT, _WIDTH, _RIGHT, _TOP = 22, 230, 420, 80, 44
_OURS, _FLOORS, _PEERS = "#1f77b4", "#999999", "#e0a060"


def _colour(name):
    return _OURS if name.startswith("autobus") else _FLOORS if name.startswith("raw") else _PEERS


def _bar(row, one, spread, scale):
    y = _TOP + row * _ROW
    middle = y + _ROW / 2 - 2
    least, most, end = (_LEFT + spread[key] * scale for key in ("least", "most", "median"))
    figure = f"{spread['median']:.2f}" if spread["median"] < 1000 else f"{spread['median']:,.0f}"
    yield f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(one["name"])}</text>'
    yield (f'<rect x="{_LEFT}" y="{y + 2}" width="{end - _LEFT:.1f}" height="{_ROW - 8}" '
           f'fill="{_colour(one["name"])}"/>')
    yield f'<path d="M{least:.1f} {middle}H{most:.1f}" stroke="#333" stroke-width="1.5"/>'
    yield f'<text x="{max(end, most) + 6:.1f}" y="{y + 13}">{figure}</text>'


def bars(title, unit, results, key):
    """An SVG document; `key` is "value" or "ratio"."""
    shown = sorted((one for one in results if key in one), key=lambda one: one[key]["median"])
    most = max((one[key]["most"] for one in shown), default=1)
    height = _TOP + _ROW * len(shown) + 12
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + _RIGHT}" height="{height}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="12" y="18" font-size="14" font-weight="bold">{escape(title)}</text>',
             f'<text x="12" y="34" fill="#555">{escape(unit)}; the line goes from the least to the most</text>']
    for row, one in enumerate(shown):
        lines += _bar(row, one, one[key], _WIDTH / most)
    return "\n".join([*lines, "</svg>"]) + "\n"


def draw(folder, results, titles):
    """One file for each contest."""
    for kind, title in titles.items():
        for at, so in PLACES.items():
            chosen = [one for one in results if one["contest"] == kind and one["at"] == at]
            if not chosen:
                continue
            key = "ratio" if kind == "call" else "value"
            unit = "times a raw TCP round trip" if key == "ratio" else chosen[0]["unit"]
            picture = bars(title + so, unit, chosen, key)
            name = f"peers-{kind}{'' if at == 'large' else '-' + at}.svg"
            (folder / name).write_text(picture, encoding="utf-8")
