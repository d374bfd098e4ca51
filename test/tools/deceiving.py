#!/usr/bin/env python3
"""Every tool among services that lie: whose ids, types, keys, values, documentation and sentences are made to command a
terminal. None of it gets there, on a pipe, on a terminal, or on standard error."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402
from villain import Villain  # noqa: E402

FOLDERS = Path(__file__).resolve().parents[2] / "busd-less-tools"
TOOLS = sorted(path.parent.name for path in FOLDERS.glob("*/main.c") if path.parent.name != "front")

# Escapes, their one-byte form, bells, deletes, ends of lines of every kind, and what turns the order of letters around.
TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
EVIL = f"a\x1b[31m\x1b]0;x\x07b\x9b2Jc\x7f\x85{TURNS}\r\n\t\x08$(reboot)`reboot`;'\"z"
MEMBERS = {EVIL: {"doc": EVIL, "type": EVIL, "unit": EVIL, "returns": EVIL, "rest": EVIL, "parameters": [
    {"name": EVIL, "type": "integer", "range": [0, 9], "unit": EVIL, "default": EVIL, "doc": EVIL},
    {"name": "b", "type": EVIL}]}}
KINDS = ("functions", "events", "objects", "channels")
PROGRESS = "\r\x1b[K"  # what autobus-bench itself says to a terminal
DETAILS = {EVIL: {"info": {"type": EVIL}, "doc": EVIL, **{kind: MEMBERS for kind in KINDS}}}
SOME = "a*z"  # it has brackets, so as a type it would be a pattern that fits something else
ONE = ("-s", EVIL)
# publish, replay and shell are fed below.
RUNS = (("bench", "rtt", SOME, "-n", "2", "-t", "0.5"), ("call", *ONE, EVIL), ("call", SOME, EVIL, f"{EVIL}=5"),
        ("call", "--each", SOME, EVIL), ("call", "-j", "--each", SOME, EVIL), ("call", *ONE, "reboot", "-v"),
        ("call", EVIL, EVIL, "-t", "0.2"), ("chat", *ONE, EVIL), ("chat", "--stay", "-t", "0.5", SOME, "x"),
        ("doctor", "-t", "0.3"), ("doctor", "-t", "0.3", *ONE), ("doctor", "-j", "-t", "0.3"),
        ("listen", *ONE, EVIL, "-t", "0.5"), ("listen", "-j", "--each", SOME, EVIL, "-t", "0.5"), ("ls",), ("ls", "-l"),
        ("ls", "-j"), ("ls", "-m"), ("ls", "--tree"), ("ls", "-jm"), ("ls", "-k", "type=b", "-t", "0.3"),
        ("monitor", "-t", "0.5"), ("monitor", "-j", "-t", "0.5"), ("monitor", "--stats", "-t", "0.5"),
        ("record", "-t", "0.7"), ("show", *ONE), ("show", "-j", SOME), ("show", "--names=functions", *ONE),
        ("watch", *ONE, EVIL, "-t", "0.5"), ("watch", SOME, "x", "-t", "0.5"),
        ("watch", "-j", "--each", SOME, EVIL, "-t", "0.5"))


def wild(text):
    return sorted({hex(ord(one)) for one in text if one != "\n" and (ord(one) < 32 or 0x7f <= ord(one) < 0xa0)
                   or one in TURNS})


def harmless(running, words):
    """What it says until its end, which is nothing wild, and no death by a signal."""
    said = running.rest().replace("\r\n", "\n").replace(PROGRESS, "")
    complaint = running.complaint() if running.process.stderr else ""
    hold(running.end() >= 0, words, "died of", running.process.returncode)
    hold(not wild(said) and not wild(complaint), words, wild(said + complaint), repr(said), repr(complaint))
    return said + complaint


def announced(stage, **more):
    villain = Villain(stage, EVIL, **more)
    stage.announcer().add(EVIL, {"type": EVIL, "name": EVIL, "hostname": EVIL, EVIL: {EVIL: [EVIL]}}, villain.port)


def bear(stage, terminal=None, runs=RUNS):
    running = [(words, stage.start(f"autobus-{words[0]}", *words[1:], terminal=terminal, env={"NO_COLOR": "1"}))
               for words in runs]
    return {words: harmless(one, words) for words, one in running}


@test
def who_answers_cannot_command_a_pipe(stage):
    announced(stage, bus_result=DETAILS)
    said = bear(stage)
    hold(json.loads(said["ls", "-j"])["service"] == EVIL, "JSON lost something")
    hold(json.loads(said["call", *ONE, EVIL]) == EVIL, "so did the result")


@test
def who_answers_cannot_command_a_terminal(stage):
    announced(stage, bus_result=DETAILS)
    bear(stage, terminal=(80, 24))


@test
def who_answers_cannot_command_a_narrow_terminal(stage):
    announced(stage, bus_result=DETAILS, result={EVIL: [EVIL, {EVIL: EVIL}]})
    bear(stage, terminal=(40, 24))


@test
def who_refuses_cannot_either(stage):
    announced(stage, code="remote error")
    said = bear(stage, runs=[run for run in RUNS if run[0] in ("bench", "call", "chat", "show")])
    for words, sentence in said.items():
        hold("1b[31m" in sentence, words, sentence)


@test
def who_hangs_up_cannot_either(stage):
    announced(stage, bus_result=DETAILS, hangs_up=True, code=EVIL)
    bear(stage, runs=[run for run in RUNS if run[0] in ("call", "chat", "listen", "watch")])


@test
def who_is_no_bus_cannot_either(stage):
    announced(stage, greeting=EVIL.encode() + b"\xff\xfe\x9b\r\n")
    bear(stage)


@test
def what_was_recorded_of_it_cannot_when_it_is_replayed(stage):
    lines = ({"autobus": "recording", "version": 1, "began": EVIL},
             {"ms": 0, "kind": "appeared", "service": EVIL, "info": {"type": EVIL, EVIL: EVIL}},
             {"ms": 0, "kind": "value", "service": EVIL, "object": EVIL, "value": EVIL},
             {"ms": 0, "kind": EVIL, "service": EVIL})
    for words in (("-v", "-t", "0.5"), ("-v", "--speed", "max")):
        for broken in ("", EVIL, f'{{"ms":0,"kind":"value","service":"{chr(27)}[2J"}}'):
            done = stage.run("autobus-replay", *words, input="\n".join(map(json.dumps, lines)) + "\n" + broken)
            hold(done.returncode in (0, 1) and not wild(done.stdout + done.stderr), words, broken, done)


@test
def who_calls_a_publisher_cannot_either(stage):
    command = "play=sh -c 'printf %s \"$1\" >&2; exit 1' -"
    publisher = stage.start("autobus-publish", "radio", "-v", "-f", command, "-o", f"state={json.dumps(EVIL)}")
    end = publisher.process.stderr
    while b"is on the network" not in end.readline():
        hold(publisher.process.poll() is None, "it ended")
    done = stage.run("autobus-call", "radio", "play", EVIL)
    hold(done.returncode == 5 and not wild(done.stderr), done)
    publisher.process.terminate()
    said = end.read().decode()
    hold(publisher.end() == 0 and not wild(said), repr(said))


@test
def a_shell_passes_nothing_of_it_on(stage):
    announced(stage, bus_result=DETAILS)
    lines = ("ls", "ls -l", "ls --tree", "show *", "call * x", "watch -n 1 -t 1 * x", "chat * x", "jobs", "show z")
    for words in ((), ("-v",)):
        done = stage.run("autobus-shell", *words, input="\n".join(lines) + "\n")
        hold(done.returncode >= 0 and not wild(done.stdout + done.stderr), wild(done.stdout + done.stderr), done)
        hold("\\x1b[31m" in done.stdout, done)


@test
def every_tool_is_tried(_stage):
    hold({run[0] for run in RUNS} | {"publish", "replay", "shell"} == set(TOOLS), TOOLS)


if __name__ == "__main__":
    main()
