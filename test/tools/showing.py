#!/usr/bin/env python3
"""autobus-show: what a service has, its values of now, and lines that can be tried as they stand."""

import json
import os
import shlex
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp, OldLamp  # noqa: E402
from stage import hold, main, test  # noqa: E402

LAMP = """\
demo.lamp  Desk
  service   lamp-1
  location  127.0.0.1:PORT
  info
    type: "demo.lamp"
    name: "Desk"
    hostname: "HOST"

functions
  add(...)
  echo(...)
  fail(...)
  hold(...)
  set(on: boolean, level: integer 0..100 % = 100, note: string = "") -> boolean
      Switches it.
      And sets how bright it is.
      note: Why.

objects
  level = 0
  state: map = {"on":true}
      What it does.

events
  pressed(times: integer)
      Its switch.

channels
  bytes (a stream)
  talk
      What comes goes back.

try
  autobus-call demo.lamp set on=true
  autobus-watch demo.lamp level
  autobus-listen demo.lamp pressed
"""


def described(stage, *words):
    done = stage.run("autobus-show", "-j", *words)
    hold(done.returncode == 0 and done.stderr == "", words, done)
    return [json.loads(line) for line in done.stdout.splitlines()]


@test
def everything_about_a_service_is_shown(stage):
    lamp = DemoLamp(stage, name="Desk")
    lamp.set("state", {"on": True})
    done = stage.run("autobus-show", "demo.lamp")
    host = os.uname().nodename.partition(".")[0]
    hold(done.returncode == 0 and done.stderr == "", done)
    hold(done.stdout == LAMP.replace("PORT", str(lamp.port)).replace("HOST", host), done.stdout)


@test
def the_examples_work_as_they_stand(stage):
    DemoLamp(stage, "lamp 1", room="the hall")
    for chosen in (["demo.lamp"], ["-s", "lamp 1"], ["demo.*", "-k", "room=the hall"]):
        example = described(stage, *chosen)[0]["examples"][0]
        words = shlex.split(example)
        hold(words[0] == "autobus-call" and words[-2:] == ["set", "on=true"], example)
        done = stage.run(*words)
        hold(done.returncode == 0 and done.stdout == "true\n", example, done)


@test
def json_has_the_same_and_the_values(stage):
    lamp = DemoLamp(stage)
    told = described(stage, "demo.lamp")[0]
    hold(told["service"] == "lamp-1" and told["port"] == lamp.port, told)
    hold(told["objects"] == {"level": {"value": 0}, "state": {"doc": "What it does.", "type": "map",
                                                               "value": {"on": False}}}, told)
    hold(told["functions"]["set"]["returns"] == "boolean" and "pressed" in told["events"], told)
    hold(told["locations"] == [{"host": "127.0.0.1", "port": lamp.port}], told)


@test
def names_alone_are_one_a_line(stage):
    DemoLamp(stage)
    for kind, names in (("functions", ["add", "echo", "fail", "hold", "set"]), ("objects", ["level", "state"]),
                        ("events", ["pressed"]), ("channels", ["bytes", "talk"])):
        done = stage.run("autobus-show", "demo.lamp", "--names", kind)
        hold(done.returncode == 0 and done.stdout.split() == names, kind, done)


@test
def a_place_is_a_service_and_a_port_is_all_of_a_bus(stage):
    lamp = DemoLamp(stage)
    hold(described(stage, lamp.place)[0]["service"] == "lamp-1", "a place")
    bus = lamp.place.partition("/")[0]
    hold({one["info"]["type"] for one in described(stage, bus)} == {"autobus.details", "demo.lamp"}, "a bus")
    done = stage.run("autobus-show", bus + "/lamp1")
    hold(done.returncode == 3 and "lamp1" in done.stderr and "Did you mean 'lamp-1'?" in done.stderr, done)
    done = stage.run("autobus-show", "127.0.0.1:1")
    hold(done.returncode == 1 and "refused" in done.stderr, done)


@test
def several_are_a_question_and_each_is_an_answer(stage):
    DemoLamp(stage, "lamp-1")
    DemoLamp(stage, "lamp-2")
    done = stage.run("autobus-show", "demo.lamp")
    hold(done.returncode == 8 and done.stdout == "" and "-s lamp-2" in done.stderr, done)
    hold(sorted(one["service"] for one in described(stage, "--each", "demo.lamp")) == ["lamp-1", "lamp-2"], "--each")
    hold(len(described(stage, "--any", "demo.lamp")) == 1, "--any")
    hold("autobus-call -s lamp-2 set" in stage.run("autobus-show", "--each", "demo.lamp").stdout, "an example")


@test
def nothing_and_silence_are_told_apart(stage):
    stage.announcer().add("id-1", {"type": "ghost"})
    done = stage.run("autobus-show", "ghosts")
    hold(done.returncode == 3 and "Did you mean 'ghost'?" in done.stderr, done)
    done = stage.run("autobus-show", "ghost")
    hold(done.returncode == 1 and "does not tell what it has" in done.stderr, done)
    hold(done.stdout.startswith("ghost\n  service   id-1\n"), "what is known without asking is not shown", done)


@test
def an_old_peer_is_shown_as_far_as_it_tells(stage):
    OldLamp(stage, "old-1")
    told = described(stage, "demo.lamp")[0]
    hold(set(told["functions"]) == {"add", "echo", "fail"} and told["objects"]["state"]["value"] == {"on": False}, told)
    hold("add(...)" in stage.run("autobus-show", "demo.lamp").stdout, "no function")


@test
def what_a_service_says_cannot_command_the_terminal(stage):
    evil = "\x1b[2J\x07\x9b1m\u202e\x7f"
    lamp = DemoLamp(stage, name=evil)
    lamp.set("state", {evil: evil})
    lamp.does("add_function", name="f\u202e", does="echo",
              description={"doc": f"{evil}\n{evil}", "parameters": [{"name": evil, "doc": evil}]})
    lamp.does("add_event", name="a\u202e")
    for words in (["demo.lamp"], ["-j", "demo.lamp"], ["--names=functions", "demo.lamp"]):
        for terminal in (None, (80, 24)):
            said = stage.start("autobus-show", "--color=never", *words, terminal=terminal).rest().replace("\r\n", "\n")
            wild = [one for one in said
                    if one != "\n" and (ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e")]
            hold(said and not wild, words, said)


@test
def a_long_value_is_cut_on_a_terminal_alone(stage):
    DemoLamp(stage).set("state", "x" * 500)
    narrow = stage.start("autobus-show", "demo.lamp", terminal=(40, 24), env={"NO_COLOR": "1"}).rest()
    lines = [line for line in narrow.splitlines() if line.startswith("  state")]
    hold(len(lines) == 1 and len(lines[0]) <= 40 and lines[0].endswith("…"), lines)
    hold("x" * 500 in stage.run("autobus-show", "demo.lamp").stdout, "cut on a pipe")


if __name__ == "__main__":
    main()
