#!/usr/bin/env python3
"""What holds for every tool alike: its manners when nobody reads, when the disk is full, on a narrow terminal; the
options of all; and how quickly it starts."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import PATIENCE, cpu_of_children, hold, is_busy, main, test  # noqa: E402
from villain import Villain  # noqa: E402

FOLDERS = Path(__file__).resolve().parents[2] / "busd-less-tools"
TOOLS = sorted(path.parent.name for path in FOLDERS.glob("*/main.c") if path.parent.name != "front")
START_S = 0.02  # so long may a tool take to start
# Of those that look at services: what each says as soon as it works.
WORK = {"bench": ["rtt", "-n", "5"], "call": ["demo.lamp", "add", "1", "2"], "doctor": ["-t", "0.3"], "ls": [],
        "chat": ["{place}", "talk", "--stay"], "listen": ["{place}", "pressed"], "monitor": ["-n", "3"],
        "record": ["-t", "0.5"], "show": ["demo.lamp"], "watch": ["demo.lamp", "state"]}
SILENT = ("publish", "replay")  # have nothing to say on standard output
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def onto(stage, out, tool, words, **more):
    """How it ends with its standard output on that descriptor."""
    return subprocess.run([stage.program(f"autobus-{tool}"), *words], env=stage.env, stdout=out, text=True, check=False,
                          stderr=subprocess.PIPE, timeout=PATIENCE, **{"stdin": subprocess.DEVNULL, **more})


def onto_nobody(stage, tool, words, **more):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return onto(stage, writer, tool, words, **more)
    finally:
        os.close(writer)


def onto_a_full_disk(stage, tool, words, **more):
    with open("/dev/full", "w", encoding="ascii") as full:
        return onto(stage, full, tool, words, **more)


def work_of(tool, villain):
    return [word.format(place=villain.place) for word in WORK[tool]]


@test
def help_and_version_that_cannot_be_written_are_a_failure(stage):
    for tool in TOOLS:
        for option in ("--help", "--version"):
            done = onto_a_full_disk(stage, tool, [option])
            hold(done.returncode == 1 and done.stderr.startswith(f"autobus-{tool}: the output could not be written: "
                                                                 "No space left"), tool, done)
            done = onto_nobody(stage, tool, [option])
            hold(done.returncode == 0 and done.stderr == "", tool, done)


@test
def every_tool_at_work_says_that_the_disk_is_full(stage):
    DemoLamp(stage)
    villain = Villain(stage, "hello")
    for tool in WORK:
        done = onto_a_full_disk(stage, tool, work_of(tool, villain))
        hold(done.returncode == 1 and done.stderr.endswith("be written: No space left on device\n"), tool, done)
    done = onto_a_full_disk(stage, "shell", [], stdin=None, input="call demo.lamp add 1 2\n")
    hold(done.returncode == 1 and "No space left" in done.stderr, done)


@test
def every_tool_at_work_bears_that_nobody_reads(stage):
    DemoLamp(stage)
    villain = Villain(stage, "hello")
    for tool in WORK:
        done = onto_nobody(stage, tool, work_of(tool, villain))
        hold(done.returncode == 0, tool, done)
        hold(tool == "monitor" or done.stderr == "", tool, done)
    for words in (["demo.lamp", "talk"], ["--any", "demo.lamp", "talk"]):  # ended while it searches
        hold(onto_nobody(stage, "chat", words).returncode == 0, words)
    hold(onto_nobody(stage, "show", ["--any", "demo.lamp"]).returncode == 0, "show")


@test
def whoever_calls_is_heard_though_nobody_reads_the_result(stage):
    lamp = DemoLamp(stage)
    with lamp.note() as noted:
        done = onto_nobody(stage, "call", ["demo.lamp", "note", "7"])
        hold(done.returncode == 0 and noted() == "7\n", done)
        hold(onto_nobody(stage, "call", ["demo.lamp", "fail"]).returncode == 5, "its failure is lost")


@test
def standard_output_has_data_and_nothing_else(stage):
    DemoLamp(stage)
    for tool, *words in (
            ("bench", "rtt", "fridge", "-t", "0.2"), ("call", "demo.lmp", "set", "-t", "0.2"),
            ("chat", "demo.lamp", "tlk"), ("doctor", "--nonesuch"), ("listen", "demo.lamp", "pressd", "-t", "0.2"),
            ("ls", "fridge", "-t", "0.2"), ("monitor", "--nonesuch"), ("publish", "--nonesuch"),
            ("record", "--nonesuch"), ("replay", "/nonesuch"), ("shell", "/nonesuch"), ("show", "fridge", "-t", "0.2"),
            ("watch", "fridge", "level", "-t", "0.2")):
        done = stage.run(f"autobus-{tool}", *words)
        hold(done.returncode != 0 and done.stdout == "", tool, done)
        hold(done.stderr.startswith(f"autobus-{tool}: "), tool, done)
    quiet = stage.run("autobus-call", "-q", "fridge", "x", "-t", "0.2")
    hold(quiet.returncode == 3 and quiet.stderr.count("\n") == 1, "a hint, though quiet", quiet)


@test
def who_asks_in_vain_gives_up_after_two_seconds_and_says_what_to_try(stage):
    DemoLamp(stage)
    asked = {"call": ["demo.lmp", "set"], "chat": ["demo.lmp", "talk"], "show": ["demo.lmp"]}
    for more, least, most in (((), 1.9, 5), (("-t", "0.2"), 0.2, 2), (("--wait", "-t", "0.3"), 0.3, 2)):
        began = time.monotonic()
        running = {tool: stage.start(f"autobus-{tool}", *words, *more) for tool, words in asked.items()}
        for tool, one in running.items():
            hold(one.end() == 3 and least <= time.monotonic() - began < most, tool, more, time.monotonic() - began)
            said = one.complaint()
            hold("Did you mean 'demo.lamp'?" in said and "autobus-doctor demo.lmp" in said, tool, said)


@test
def no_row_is_wider_than_a_narrow_terminal(stage):
    DemoLamp(stage, name="a lamp with a long name indeed", room="the hall behind the kitchen")
    for words in (["ls"], ["ls", "-m"], ["ls", "--tree"], ["ls", "-w", "-t", "0.3"], ["bench", "rtt", "-n", "5"],
                  ["monitor", "-q", "-t", "0.3"], ["monitor", "-q", "--stats", "-t", "0.3"]):
        said = stage.start(f"autobus-{words[0]}", *words[1:], terminal=(40, 24)).rest()
        rows = [_SEQUENCE.sub("", part) for part in re.split(r"[\r\n]+", said)]
        hold(any(rows) and max(map(len, rows)) <= 40, words, [row for row in rows if len(row) > 40])


@test
def services_are_chosen_by_the_same_options_everywhere(stage):
    of_all = {"interfaces", "peers", "port", "discovery", "color", "verbose", "quiet", "help", "version"}
    of_choice = {"key", "service", "all"}
    takes = {"ls": of_choice | {"any", "each", "count", "timeout", "json"},
             "show": of_choice | {"any", "each", "wait", "timeout", "json"},
             "call": of_choice | {"any", "each", "wait", "timeout", "json"},
             "chat": of_choice | {"any", "wait", "count", "timeout", "json"}, "doctor": of_choice | {"timeout", "json"},
             "watch": of_choice | {"any", "each", "count", "timeout", "json"},
             "listen": of_choice | {"any", "each", "count", "timeout", "json"},
             "monitor": of_choice | {"count", "timeout", "json"}, "record": {"key", "service", "count", "timeout"},
             "publish": {"service", "timeout"}, "replay": {"timeout"}, "shell": set(),
             "bench": {"count", "timeout", "json"}}
    for tool in TOOLS:
        there = set(re.findall(r"^  (?:-., |    )--([a-z-]+)", stage.run(f"autobus-{tool}", "--help").stdout, re.M))
        hold(of_all | takes[tool] <= there, tool, "lacks", (of_all | takes[tool]) - there)


def holds_to_a_moment(stage, *words):
    """The quickest of some runs is one; on a busy machine it may take longer, but not work for longer."""
    most = 10 * START_S if is_busy() else START_S
    times, before = [], cpu_of_children()
    while len(times) < 30 and (not times or times[-1] > most):
        began = time.monotonic()
        done = stage.run(f"autobus-{words[0]}", *words[1:])
        times.append(time.monotonic() - began)
        hold(done.returncode == 0, done)
    hold(times[-1] <= most, words, "took", times)
    worked = (cpu_of_children() - before) / len(times)
    hold(worked <= START_S, words, "worked for", worked)


@test
def every_tool_starts_in_a_moment(stage):
    for tool in TOOLS:
        holds_to_a_moment(stage, tool, "--version")


@test
def where_nothing_has_to_be_found_it_is_done_in_a_moment(stage):
    place = DemoLamp(stage).place
    for words in (["call", place, "add", "1", "2"], ["call", place, "set", "on=true", "level=40"], ["show", place],
                  ["ls", place], ["watch", place, "state", "-n", "1"]):
        holds_to_a_moment(stage, *words)


if __name__ == "__main__":
    main()
