"""Recordings: made by a script, read by one, and the two tools that make and play them while a test looks on.

Knows the format of docs/recordings.md. Does not know any service.
"""

import json
import signal
import subprocess
import time
from pathlib import Path

from stage import PATIENCE, Skipped, hold

HEAD = {"autobus": "recording", "version": 1}
LAMP = {"service": "lamp-1", "info": {"type": "lamp", "name": "Desk"}}
EVIL = "\x1b[2J\x07\x9b1m\u202e\x7f"


def line(ms, kind, **more):
    return {"ms": ms, "kind": kind, "service": "lamp-1", **more}


def file_of(folder, *lines, name="made.jsonl", end="\n"):
    path = Path(folder) / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in (HEAD, *lines)) + end)
    return str(path)


def lines_of(text):
    """What a recording says, its first line left out."""
    first, *rest = [json.loads(one) for one in text.splitlines()]
    hold(first["autobus"] == "recording" and first["version"] == 1 and first["began"].endswith("Z"), first)
    return rest


def told(lines):
    """The same without what may differ between two recordings of one thing; the end, too, is somebody's choice."""
    bare = [{key: value for key, value in one.items() if key != "ms"} for one in lines if one["kind"] != "end"]
    for one in bare:
        one.get("info", {}).pop("hostname", None)
    return bare


def times(lines, kind):
    """When lines of a kind were, from the first of them on."""
    all_ms = [one["ms"] for one in lines if one["kind"] == kind]
    return [ms - all_ms[0] for ms in all_ms]


class Recorder:
    """A running autobus-record, read line by line."""

    def __init__(self, stage, *words):
        self.running = stage.start("autobus-record", *words)
        self.running.wait_for("\n")
        self._at = self.running.heard.index(b"\n")  # where there is no discovery, the rest comes at once

    def wait_for(self, text):
        self._at = self.running.wait_for(text, since=self._at)

    def end(self):
        """Its lines, all of them."""
        self.running.signal(signal.SIGTERM)
        hold(self.running.end() == 0, self.running.process.returncode)
        lines = lines_of(self.running.rest())
        hold(lines[-1]["kind"] == "end", lines[-1])
        hold(all(a["ms"] <= b["ms"] for a, b in zip(lines, lines[1:])), "time goes back")
        return lines


class Replayer:
    """A running autobus-replay whose lines are given to it one by one."""

    def __init__(self, stage, *words):
        self.running = stage.start("autobus-replay", "--speed", "max", *words, stdin=subprocess.PIPE)
        self.play(HEAD)

    def play(self, *lines):
        for one in lines:
            self.running.process.stdin.write(json.dumps(one).encode() + b"\n")
        self.running.process.stdin.flush()

    def end(self):
        self.running.process.stdin.close()
        code = self.running.end()
        self.running.process.stdin = None
        return code


def until_it_grows(path, size):
    deadline = time.monotonic() + PATIENCE
    while not path.exists() or path.stat().st_size <= size:
        hold(time.monotonic() < deadline, path, "does not grow beyond", size)
        time.sleep(0.01)


def need_zstd(stage):
    done = stage.run("autobus-record", "-q", "-o", "/dev/null/x.zst", "-t", "0.1")
    if "without libzstd" in done.stderr:
        raise Skipped("built without libzstd")


def fails(stage, words, *parts, code=1, **more):
    """autobus-replay ends so, with one sentence that has these parts."""
    done = stage.run("autobus-replay", *words, **more)
    hold(done.returncode == code and done.stdout == "" and done.stderr.count("\n") == 1, words, done)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
