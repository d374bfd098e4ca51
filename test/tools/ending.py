#!/usr/bin/env python3
"""How each tool ends: every exit code that its --help has, and no other, is made to happen."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import PATIENCE, hold, main, test  # noqa: E402
from villain import Villain  # noqa: E402

FOLDERS = Path(__file__).resolve().parents[2] / "busd-less-tools"
TOOLS = sorted(path.parent.name for path in FOLDERS.glob("*/main.c") if path.parent.name != "front")
RECORDING = '{"autobus":"recording","version":1,"began":"2026-01-01T00:00:00Z"}\n' \
            '{"ms":0,"kind":"appeared","service":"played","info":{"type":"played"}}\n'


class World:
    """One lamp, two of one type, and peers that refuse, keep silent or are none; how a tool ends among them."""

    def __init__(self, stage, tool):
        self._stage = stage
        self._tool = f"autobus-{tool}"
        self._lamp = DemoLamp(stage)
        for name in ("twin-1", "twin-2"):
            DemoLamp(stage, name, type="twin")
        self._places = {"lamp": self._lamp.place, "foreign": Villain(stage, greeting=b"SSH-2.0-none\r\n").place,
                       "mute": Villain(stage, is_mute=True).place, "free": Villain(stage, bus_result={}).place}
        for code in ("remote error", "denied", "not found"):
            self._places[code] = Villain(stage, "No.", code=code).place

    def ends(self, *words, stdin=""):
        """With which code, where {mute} stands for the place of the mute one."""
        done = self._stage.run(self._tool, *self._meant(*words), input=self._meant(stdin)[0])
        says_why = done.stderr or self._tool == "autobus-doctor" and done.stdout
        hold(done.returncode == 0 or says_why, words, done)
        return done.returncode

    def _meant(self, *words):
        return [re.sub(r"\{([a-z ]+)\}", lambda place: self._places[place[1]], word) for word in words]

    def full(self, *words, stdin=""):
        """Onto a disk that is full."""
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([self._stage.program(self._tool), *self._meant(*words)],
                                  env=self._stage.env, stdout=full, stderr=subprocess.PIPE, text=True, input=stdin,
                                  check=False, timeout=PATIENCE)
        hold("could not be written: No space left on device" in done.stderr, words, done)
        return done.returncode

    def signalled(self, *words, number=signal.SIGINT, **more):
        """By Ctrl-C, once it heeds that."""
        running = self._stage.start(self._tool, *self._meant(*words), **more)
        end = time.monotonic() + PATIENCE
        while not heeds(running.process.pid, number):
            hold(time.monotonic() < end, words, "does not heed signals")
        running.signal(number)
        return running.end()


def heeds(pid, number):
    """Whether that process has seen to this signal: it is caught, or waits to be read."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigBlk", "SigCgt"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


def of_following(member):
    """Of tools that follow a member."""
    return {
        0: lambda it: it.ends("{free}", member, "-n", "1"),
        1: lambda it: it.full("{free}", member),
        2: lambda it: it.ends("demo.lamp"),
        4: lambda it: it.ends("fridge", member, "-t", "0.2"),
        8: lambda it: it.ends("twin", member),
        130: lambda it: it.signalled("fridge", member),
    }


def of_asking(*words):
    """Of tools that ask one service, with these words behind it."""
    return {
        0: lambda it: it.ends("demo.lamp", *words),
        1: lambda it: it.full("demo.lamp", *words),
        2: lambda it: it.ends("demo.lamp", *words, "--nonesuch"),
        3: lambda it: it.ends("fridge", *words, "-t", "0.2"),
        4: lambda it: it.ends("{mute}", *words, "-t", "0.2"),
        5: lambda it: it.ends("{remote error}", *words),
        6: lambda it: it.ends("{denied}", *words),
        7: lambda it: it.ends("{foreign}", *words),
        8: lambda it: it.ends("twin", *words),
        130: lambda it: it.signalled("fridge", *words, "--wait"),
    }


def played_for_long(it):
    with tempfile.TemporaryFile() as file:
        file.write(f'{RECORDING}{{"ms":60000,"kind":"left","service":"played"}}\n'.encode())
        file.seek(0)
        return it.signalled(stdin=file)


def in_a_shell(line):
    return lambda it: it.ends(stdin=line + "\n")


WAYS = {
    "bench": {
        **{code: lambda it, place=place: it.ends("rtt", place, "-n", "3", "-t", "0.3")
           for code, place in ((3, "fridge"), (4, "{mute}"), (5, "{remote error}"), (6, "{denied}"), (7, "{foreign}"),
                               (8, "twin"))},
        0: lambda it: it.ends("rtt", "-n", "3"),
        1: lambda it: it.full("rtt", "-n", "3"),
        2: lambda it: it.ends("speed"),
        130: lambda it: it.signalled("rtt", "-n", "1000000"),
    },
    "call": of_asking("add", "1", "2"),
    "chat": {
        **of_asking("talk"),
        1: lambda it: it.full("{free}", "talk", "--stay"),
        4: lambda it: it.ends("demo.lamp", "talk", "-n", "1", "-t", "0.2"),
    },
    "doctor": {
        0: lambda it: it.ends("-t", "0.3", "demo.lamp"),
        1: lambda it: it.ends("-t", "0.3", "127.0.0.1:1"),
        2: lambda it: it.ends("--any"),
        3: lambda it: it.ends("-t", "0.3", "demo.lmp"),
        4: lambda it: it.ends("-t", "0.3", "{mute}"),
        7: lambda it: it.ends("-t", "0.3", "{foreign}"),
        130: lambda it: it.signalled("-t", "60"),
    },
    "listen": of_following("pressed"),
    "ls": {
        0: lambda it: it.ends(),
        1: lambda it: it.full(),
        2: lambda it: it.ends("--nonesuch"),
        3: lambda it: it.ends("fridge", "-t", "0.2"),
        4: lambda it: it.ends("{mute}", "-t", "0.2"),
        5: lambda it: it.ends("{remote error}"),
        6: lambda it: it.ends("{denied}"),
        7: lambda it: it.ends("{foreign}"),
        130: lambda it: it.signalled("fridge", "-t", "60"),
    },
    "monitor": {
        0: lambda it: it.ends("-t", "0.2", "-n", "1"),
        1: lambda it: it.full("-n", "1"),
        2: lambda it: it.ends("--nonesuch"),
        4: lambda it: it.ends("fridge", "-n", "1", "-t", "0.2"),
        130: lambda it: it.signalled(),
    },
    "publish": {
        0: lambda it: it.signalled("radio", number=signal.SIGTERM),
        1: lambda it: it.full("--help"),
        2: lambda it: it.ends("radio", "--nonesuch"),
        130: lambda it: it.signalled("radio"),
    },
    "record": {
        0: lambda it: it.ends("-t", "0.3"),
        1: lambda it: it.full("-t", "0.3"),
        2: lambda it: it.ends("--nonesuch"),
        3: lambda it: it.ends("fridge", "-t", "0.2"),
        4: lambda it: it.ends("demo.lamp", "-n", "1000", "-t", "0.3"),
        130: lambda it: it.signalled(),
    },
    "replay": {
        0: lambda it: it.ends(stdin=RECORDING + '{"ms":1,"kind":"end"}\n'),
        1: lambda it: it.ends(stdin="hello\n"),
        2: lambda it: it.ends("--nonesuch"),
        130: played_for_long,
    },
    "shell": {
        0: in_a_shell("call demo.lamp add 1 2"),
        1: lambda it: it.full(stdin="call demo.lamp add 1 2\n"),
        2: in_a_shell("dance"),
        3: in_a_shell("show fridge -t 0.2"),
        4: in_a_shell("watch fridge level -t 0.2"),
        5: in_a_shell("call {remote error} x"),
        6: in_a_shell("call {denied} x"),
        7: in_a_shell("show {foreign}"),
        8: in_a_shell("show twin"),
        130: lambda it: it.signalled(stdin=subprocess.PIPE),
    },
    "show": of_asking(),
    "watch": of_following("state"),
}
# What cannot be had on loopback, and which story makes it happen.
ELSEWHERE = {("doctor", 6): "a_firewall_that_lets_nothing_in_is_noticed",
             ("doctor", 8): "an_id_that_is_claimed_twice_is_noticed"}


def documented(stage, tool):
    return [int(code) for code in re.findall(r"\b\d+\b", stage.run(f"autobus-{tool}", "--help").stdout
                                             .split("Exit codes: ")[1])]


def declare(tool):
    def ends(stage):
        world = World(stage, tool)
        ways = WAYS[tool]
        missing = set(documented(stage, tool)) ^ set(ways) ^ {code for name, code in ELSEWHERE if name == tool}
        hold(not missing, tool, "has codes that nothing here produces, or the other way round:", missing)
        for code, way in ways.items():
            came = way(world)
            hold(came == code, tool, "was to end with", code, "and ended with", came)

    ends.__name__ = f"{tool}_ends_with_each_code_that_it_documents"
    test(ends)


for each in TOOLS:
    declare(each)


@test
def what_cannot_happen_here_happens_in_a_story(_stage):
    stories = (FOLDERS.parent / "test/stories/doctor.py").read_text(encoding="utf-8")
    for story in ELSEWHERE.values():
        hold(f"def {story}(" in stories, story)


@test
def the_front_ends_with_each_code_too(stage):
    hold(stage.run("autobus").returncode == 0 and stage.run("autobus", "dance").returncode == 2, "0, 2")
    with open("/dev/full", "w", encoding="ascii") as full:
        hold(subprocess.run([stage.program("autobus")], stdout=full, stderr=subprocess.DEVNULL, check=False,
                            timeout=PATIENCE).returncode == 1, "1")


if __name__ == "__main__":
    main()
