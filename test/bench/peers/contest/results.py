"""What is written of a run: a table for people, in Markdown, and JSON with each single value.

Knows columns. Does not know how anything was measured.
"""

import json

from .world import PLACES

TITLES = {"call": "A call and its answer", "flood": "Many calls at once", "event": "Events, at all listeners together",
          "stream": "Bytes through a stream", "idle": "Resident memory while nobody asks"}

_HOW = """### How it is taken

A call is 64 bytes there and 64 back between two processes, and its number the median of so many of them in one client,
after a twentieth or so to warm up. Everybody's servers run from the start and have nothing to do until they are asked.
Then each is asked in turns, and before and after it the floor: two processes that block in `read()` on a TCP
connection. A ratio is the call's median over the mean of the medians of those two floors, so that whatever else the
machine did hits both; the table shows the median ratio of all turns, and the range. *On one core* the same, with every
process of the run bound to it.

redis is asked `PING` with a payload; sd-bus and our own side take a string, the others bytes. NATS and MQTT go through
their servers with the answering program behind, as does sd-bus through dbus-daemon; Cyclone DDS answers in its
listener.
`c` and `raw` are our two faces, through `autobus-bench`: a handler that gives back its argument. Nagle's algorithm is
off wherever one may choose. *Both sides spin*: they look for what comes, for up to 200 µs, before they sleep
(`--spin 200`; and the bare floor of that, over a unix socket and through shared memory).

Many at once: as many calls under way on one connection as the name says, `redis-benchmark -P` against our
`autobus-bench calls`, whose number is the median of five rounds.

Events go to one or eight processes and count only if each has heard all of them: ZeroMQ waits (XPUB_NODROP), NATS and
redis keep without a limit, we fire as the slowest listener hears.

A stream is written in pieces of 256 KiB, and its time ends when the other side has said that it got all; relays stand
between the same two programs. Memory is that of the program that answers, before anybody has asked.
"""


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _range(spread, form):
    return f"{form(spread['median'])} ({form(spread['least'])}–{form(spread['most'])})"


def _section(results, kind, at):
    chosen = [one for one in results if one["contest"] == kind and one["at"] == at]
    if not chosen:
        return
    less_is_better = kind in ("call", "idle")
    chosen.sort(key=lambda one: one["value"]["median"], reverse=not less_is_better)
    has_ratio = any("ratio" in one for one in chosen)
    yield f"### {TITLES[kind]}{PLACES[at]}"
    yield ""
    yield f"| | {chosen[0]['unit']}, median (range) |" + (" ÷ raw TCP, median (range) |" if has_ratio else "")
    yield "|---|---|" + ("---|" if has_ratio else "")
    for one in chosen:
        ratio = _range(one["ratio"], lambda value: f"{value:.2f}") if "ratio" in one else "1" if has_ratio else ""
        yield f"| {one['name']} | {_range(one['value'], number)} |" + (f" {ratio} |" if has_ratio else "")
    yield ""


def table(about, results, skipped):
    lines = [f"{about['cores']} cores, Linux {about['kernel']}, {about['when']}: {about['pairs']} turns of "
             f"{about['calls']:,} calls, load {about['load']:.2f} at the start.", ""]
    for kind in TITLES:
        for at in PLACES:
            lines += _section(results, kind, at)
    lines += [_HOW]
    lines += [f"Left out: {name}: {why}" for name, why in skipped.items()]
    return "\n".join(lines) + "\n"


def write(folder, about, results, skipped):
    with open(folder / "peers.json", "w", encoding="utf-8") as file:
        json.dump({"about": about, "results": results, "skipped": skipped}, file, indent=1, ensure_ascii=False)
        file.write("\n")
    (folder / "peers.md").write_text(table(about, results, skipped), encoding="utf-8")
