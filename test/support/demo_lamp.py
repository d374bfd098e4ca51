"""The demo lamp that the tools are tried on: a process of autobus-actor, or of an old peer, with one service that has
something of everything. It can be changed, be killed, and come back.

Knows the commands of the actor and of the old peer. Does not know the tools.
"""

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from stage import hold

SET = {"doc": "Switches it.\nAnd sets how bright it is.",
       "parameters": [{"name": "on", "type": "boolean"},
                      {"name": "level", "type": "integer", "range": [0, 100], "unit": "%", "default": 100},
                      {"name": "note", "type": "string", "doc": "Why.", "default": ""}],
       "returns": "boolean"}
STATE = {"doc": "What it does.", "type": "map"}
PRESSED = {"doc": "Its switch.", "parameters": [{"name": "times", "type": "integer"}]}


class DemoLamp:
    """A running demo lamp. Commands wait for their answer."""

    def __init__(self, stage, service="lamp-1", tcp_port=0, **info):
        self._stage = stage
        self.service = service
        self._info = {"type": "demo.lamp", **info}
        self._options = {"tcp_port": tcp_port}
        self._number = self._read = 0
        self.start()

    def start(self):
        words = ["--bus", "bus", "--options", json.dumps(self._options)]
        for command in self._members():
            words += ["--do", json.dumps({"bus": "bus", "service": self.service, "number": 0, **command})]
        self._process = self._stage.start("autobus-actor", *words, stdin=subprocess.PIPE)
        self._read = 0
        self._process.wait_for('"ready"')
        self.port = self.does("about")["port"]

    def _members(self):
        yield {"do": "publish", "info": self._info}
        yield {"do": "add_function", "name": "set", "does": "echo", "description": SET}
        for name in ("echo", "add", "fail", "hold"):
            yield {"do": "add_function", "name": name}
        yield {"do": "add_object", "name": "state", "value": {"on": False}, "description": STATE}
        yield {"do": "add_object", "name": "level", "value": 0}
        yield {"do": "add_event", "name": "pressed", "description": PRESSED}
        yield {"do": "add_channel", "name": "talk", "description": {"doc": "What comes goes back."}}
        yield {"do": "add_channel", "name": "bytes", "stream": 1}

    def does(self, what, **more):
        """One command; its answer."""
        self._number += 1
        order = {"do": what, "bus": "bus", "service": self.service, "number": self._number, **more}
        self._process.process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.process.stdin.flush()
        return self._answer()

    def _answer(self):
        """The line that answers the last command; the rest is news."""
        while True:
            end = self._process.wait_for("\n", since=self._read)
            line, _, _ = self._process.heard[self._read:end].partition(b"\n")
            self._read += len(line) + 1
            answer = json.loads(line)
            if answer.get("done") == self._number:
                hold(answer["ok"], answer)
                return answer

    @contextmanager
    def note(self):
        """A function "note", and how to read what it was called with: a line each."""
        with tempfile.NamedTemporaryFile(dir=self._stage.build, prefix="noted-") as file:
            self.does("add_function", name="note", file=file.name)
            yield lambda: Path(file.name).read_text(encoding="ascii")

    def set(self, name, value):
        self.does("set", name=name, value=value)

    def fire(self, *arguments, name="pressed"):
        self.does("fire", name=name, args=list(arguments))

    def kill(self):
        self._process.process.kill()
        self._process.process.wait()

    @property
    def place(self):
        return f"127.0.0.1:{self.port}/{self.service}"


class OldLamp(DemoLamp):
    """The same from an old peer, which tells little of itself."""

    def start(self):
        script = Path(__file__).with_name("legacy_peer.py")
        words = (sys.executable, str(script), "--port", str(self._stage.port), "--mended")
        self._process = self._stage.start_script(*words, stdin=subprocess.PIPE)
        self._read = 0
        self._process.wait_for('"ready"')
        self.does("publish", info=self._info, objects={"state": {"on": False}, "level": 0})
        for name in ("add", "fail"):
            self.does("add_function", name=name, does=name)
        self.does("add_event", name="pressed")
        self.port = self.does("about")["port"]
