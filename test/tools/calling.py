#!/usr/bin/env python3
"""autobus-call: how services are chosen, what arguments become, what is printed and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp, OldLamp  # noqa: E402
from stage import hold, main, test  # noqa: E402


def call(stage, *words, **more):
    return stage.run("autobus-call", *words, **more)


def gives(stage, words, wanted, **more):
    """It succeeds, and prints this one line."""
    done = call(stage, *words, **more)
    hold(done.returncode == 0 and done.stderr == "" and done.stdout == wanted + "\n", words, done)


def fails(stage, words, code, *parts, **more):
    """It fails in this way, and says so on standard error alone."""
    done = call(stage, *words, **more)
    hold(done.returncode == code and done.stdout == "", words, done)
    hold(done.stderr.startswith("autobus-call: "), words, done)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")
    return done


@test
def arguments_are_given_by_name_or_in_order(stage):
    DemoLamp(stage)
    gives(stage, ["demo.lamp", "set", "on=true", "level=40"], "true")
    gives(stage, ["demo.lamp", "set", "level=40", "on=false"], "false")
    gives(stage, ["demo.lamp", "set", "true", "40"], "true")
    gives(stage, ["demo.lamp", "set", "on=true", "note=42"], "true")


@test
def a_value_is_json_where_it_reads_so_and_else_text(stage):
    DemoLamp(stage)
    for typed, printed in (("7", "7"), ("-7", "-7"), ("hello", '"hello"'), ("a=b", '"a=b"'), ("null", "null"),
                           ("", '""'), ("{'a': [1]}", '{"a":[1]}')):
        gives(stage, ["demo.lamp", "echo", typed], printed)
    gives(stage, ["demo.lamp", "add", "-5", "7", "-t", "5"], "2")


@test
def arguments_come_from_a_pipe_as_json(stage):
    DemoLamp(stage)
    gives(stage, ["demo.lamp", "set", "-"], "true", input='{"level": 5, "on": true}')
    gives(stage, ["demo.lamp", "set", "-"], "false", input="[false, 5]\n")
    gives(stage, ["demo.lamp", "echo", "-"], '{"a":1}', input='{"a": 1}')
    fails(stage, ["demo.lamp", "set", "-"], 2, "no JSON", input="on=true")
    fails(stage, ["demo.lamp", "set", "-"], 2, "no JSON", input="")
    fails(stage, ["demo.lamp", "set", "-", "5"], 2, "stands alone")


@test
def a_terminal_gets_it_laid_out_and_a_pipe_on_one_line(stage):
    DemoLamp(stage)
    words = ("autobus-call", "demo.lamp", "echo", '{"a": [1, 2]}')
    on_terminal = stage.start(*words, terminal=(80, 24)).rest().replace("\r", "")
    hold(on_terminal == '{\n  "a": [\n    1,\n    2\n  ]\n}\n', on_terminal)
    hold(stage.start(*words, "-j", terminal=(80, 24)).rest() == '{"a":[1,2]}\r\n', "-j")
    hold(stage.run(*words).stdout == '{"a":[1,2]}\n', "a pipe")


@test
def what_the_service_refuses_is_its_failure_and_names_the_range(stage):
    DemoLamp(stage)
    fails(stage, ["demo.lamp", "set", "on=true", "level=140"], 5, "level", "140", "0 to 100")
    fails(stage, ["demo.lamp", "set"], 5)
    fails(stage, ["demo.lamp", "fail"], 5, "I do not want to.")


@test
def a_mistaken_name_is_answered_with_the_right_one(stage):
    DemoLamp(stage)
    fails(stage, ["demo.lmp", "set"], 3, "no 'demo.lmp'", "Did you mean 'demo.lamp'?")
    fails(stage, ["-s", "lamp-2", "set"], 3, "Did you mean 'lamp-1'?")
    fails(stage, ["demo.lamp", "sett"], 3, "sett", "Did you mean 'set'?")
    fails(stage, ["demo.lamp", "fridge"], 3, "'echo'")
    fails(stage, ["demo.lamp", "set", "on=true", "lvel=4"], 2, "'lvel'", "'level' is one")


@test
def nothing_there_takes_two_seconds_or_less(stage):
    for words, least, most in ((["lamp", "set"], 1.9, 4), (["lamp", "set", "-t", "0.3"], 0.2, 1.5)):
        began = time.monotonic()
        fails(stage, words, 3, "no 'lamp'", "lo (127.0.0.1")
        hold(least < time.monotonic() - began < most, words, time.monotonic() - began)


@test
def it_waits_for_a_service_when_asked_to(stage):
    waiting = stage.start("autobus-call", "demo.lamp", "echo", "5", "--wait")
    DemoLamp(stage)
    hold(waiting.end() == 0 and waiting.rest() == "5\n", waiting.heard)
    fails(stage, ["lamp", "echo", "--wait", "-t", "0.2"], 3)


@test
def several_are_a_question_which_is_meant(stage):
    one, two = DemoLamp(stage, "lamp-1", room="hall"), DemoLamp(stage, "lamp 2", room="attic")
    done = fails(stage, ["demo.lamp", "echo", "1"], 8, "2 services match 'demo.lamp'", "--any", "--each")
    hold("-s lamp-1  demo.lamp" in done.stderr and "-s 'lamp 2'  demo.lamp" in done.stderr, done.stderr)
    gives(stage, ["-s", "lamp 2", "echo", "1"], "1")
    gives(stage, ["demo.lamp", "-k", "room=hall", "echo", "1"], "1")
    gives(stage, ["demo.lamp", "--any", "echo", "1"], "1")
    gives(stage, [one.place, "echo", "1"], "1")
    gives(stage, [two.place, "echo", "1"], "1")


@test
def each_is_called_and_each_answer_says_whose_it_is(stage):
    DemoLamp(stage, "lamp-1")
    DemoLamp(stage, "lamp-2")
    done = call(stage, "demo.lamp", "--each", "echo", "1")
    hold(done.returncode == 0 and sorted(done.stdout.splitlines()) == ["lamp-1  1", "lamp-2  1"], done)
    done = call(stage, "demo.lamp", "--each", "-j", "echo", "1")
    answers = sorted((json.loads(line) for line in done.stdout.splitlines()), key=str)
    hold(answers == [{"service": "lamp-1", "result": 1}, {"service": "lamp-2", "result": 1}], done)
    done = call(stage, "demo.lamp", "--each", "-j", "fail")
    hold(done.returncode == 5 and all("error" in json.loads(line) for line in done.stdout.splitlines()), done)
    done = fails(stage, ["demo.lamp", "--each", "fail"], 5, "lamp-1: I do not", "lamp-2: I do not")


@test
def a_place_needs_no_discovery(stage):
    lamp = DemoLamp(stage)
    alone = {"AUTOBUS_INTERFACES": "", "AUTOBUS_DISCOVERY": "none"}
    gives(stage, [lamp.place, "set", "on=true"], "true", env=alone)
    done = call(stage, lamp.place.partition("/")[0], "get_details")
    hold("lamp-1" in json.loads(done.stdout), done)
    fails(stage, [lamp.place + "x", "set"], 3)
    fails(stage, ["127.0.0.1:1/x", "set"], 1, "refused")


@test
def an_answer_that_does_not_come_is_a_timeout(stage):
    DemoLamp(stage)
    fails(stage, ["demo.lamp", "hold", "-t", "0.4"], 4)


@test
def who_wants_no_reply_does_not_wait_and_is_heard(stage):
    lamp = DemoLamp(stage)
    with lamp.note() as noted:
        done = call(stage, "--no-reply", "demo.lamp", "note", "7")
        hold(done.returncode == 0 and done.stdout + done.stderr == "", done)
        hold(call(stage, "--no-reply", "demo.lamp", "hold").returncode == 0, "it waits")
        hold(call(stage, "demo.lamp", "note", "8").returncode == 0, "note")
        hold(noted() == "7\n8\n", "not heard")


@test
def a_large_argument_arrives_without_a_reply_too(stage):
    lamp = DemoLamp(stage)
    with lamp.note() as noted:
        large = f'[7, "{"x" * 3000000}"]'
        hold(call(stage, "--no-reply", "demo.lamp", "note", "-", input=large).returncode == 0, "call")
        hold(call(stage, "demo.lamp", "note", "8").returncode == 0, "note")
        hold("7\n" in noted(), "not heard")


@test
def an_old_peer_is_called_as_well(stage):
    OldLamp(stage, "old-1", room="attic")
    gives(stage, ["demo.lamp", "add", "1", "2"], "3")
    fails(stage, ["demo.lamp", "fail"], 5, "oops")
    fails(stage, ["demo.lamp", "ad"], 3, "Did you mean 'add'?")
    fails(stage, ["demo.lamp", "add", "a=b"], 5)


@test
def an_interrupt_ends_it(stage):
    DemoLamp(stage)
    for words in (["demo.lamp", "hold"], ["nothing", "x", "--wait"]):
        running = stage.start("autobus-call", *words, "-v")
        running.process.stderr.readline()
        running.signal(signal.SIGINT)
        hold(running.end() == 130 and running.rest() == "", words, running.process.returncode)


@test
def what_a_service_says_cannot_command_the_terminal(stage):
    lamp = DemoLamp(stage)
    evil = "\x1b[2J\x07\x9b1m\u202e\x7f"
    for terminal in (None, (80, 24)):
        said = stage.start("autobus-call", lamp.place, "echo", json.dumps(evil), terminal=terminal).rest().strip()
        hold(json.loads(said) == evil, said)
        wild = [one for one in said if ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e"]
        hold(not wild, said)


@test
def output_that_cannot_be_written_is_a_failure(stage):
    lamp = DemoLamp(stage)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([stage.program("autobus-call"), lamp.place, "echo", "1"], env=stage.env, stdout=full,
                              stderr=subprocess.PIPE, timeout=10, check=False, text=True)
    hold(done.returncode == 1 and "could not be written" in done.stderr, done)


@test
def mistakes_are_told_in_one_sentence(stage):
    for words, part in (([], "TYPE"), (["lamp"], "function"), (["", "x"], "TYPE"), (["lamp", ""], "function"),
                        (["room=hall", "x"], "-k"), (["--any", "--each", "lamp", "x"], "--each"),
                        (["-s", "", "x"], "-s"), (["-n", "3", "lamp", "x"], "-n"),
                        (["1.2.3.4:5/x", "-k", "a=b", "f"], "place")):
        done = fails(stage, words, 2, part)
        hold(done.stderr.count("\n") == 1, done)


if __name__ == "__main__":
    main()
