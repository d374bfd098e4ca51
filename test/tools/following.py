#!/usr/bin/env python3
"""autobus-watch and autobus-listen: what they print, what they outlive, and how they end."""

import json
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp, OldLamp  # noqa: E402
from stage import free_port, hold, main, test  # noqa: E402


def listening(stage, *words, to="lamp-1"):
    """autobus-listen, once it is bound: what is fired from then on is heard."""
    running = stage.start("autobus-listen", "-v", *words)
    while f"{to} has us on its list" not in (line := running.process.stderr.readline().decode()):
        hold(line, "it has ended")
    return running


@test
def a_watch_begins_with_now_and_goes_on_with_each_change(stage):
    for kind in (DemoLamp, OldLamp):
        lamp = kind(stage)
        watch = stage.start("autobus-watch", "demo.lamp", "level", "-n", "3")
        at = watch.wait_for("0\n")
        lamp.set("level", 40)
        at = watch.wait_for("40\n", since=at)
        lamp.set("level", {"a": 1})
        watch.wait_for('{"a":1}\n', since=at)
        hold(watch.end() == 0 and watch.complaint() == "" and watch.rest().count("\n") == 3, kind, watch.heard)
        lamp.kill()


@test
def a_listener_hears_each_event_with_its_arguments(stage):
    for kind in (DemoLamp, OldLamp):
        lamp = kind(stage)
        listener = listening(stage, "demo.lamp", "pressed", "-n", "2")
        lamp.fire(1)
        lamp.fire("twice", {"a": None})
        hold(listener.end() == 0 and listener.rest() == '[1]\n["twice",{"a":null}]\n', kind, listener.heard)
        lamp.kill()


@test
def several_names_stand_in_front_of_what_they_tell(stage):
    lamp = DemoLamp(stage)
    watch = stage.start("autobus-watch", "demo.lamp", "level", "state", "-n", "2")
    hold(watch.end() == 0 and sorted(watch.rest().splitlines()) == ["level  0", 'state  {"on":false}'], watch.heard)
    lamp.does("add_event", name="held")
    listener = listening(stage, "demo.lamp", "pressed", "held", "-n", "2")
    lamp.fire(name="held")
    lamp.fire(1)
    hold(listener.end() == 0 and listener.rest() == "held  []\npressed  [1]\n", listener.heard)


@test
def a_restart_is_outlived_and_told_of_on_standard_error(stage):
    lamp = DemoLamp(stage)
    watch = stage.start("autobus-watch", "-j", "demo.lamp", "level")
    listener = listening(stage, "demo.lamp", "pressed", "-n", "1")
    at = watch.wait_for('"value":0}\n')
    lamp.set("level", 1)
    at = watch.wait_for('"value":1}\n', since=at)
    lamp.kill()
    at = watch.wait_for('"gone":true}\n', since=at)
    lamp.start()
    at = watch.wait_for('"value":0}\n', since=at)
    lamp.set("level", 2)
    watch.wait_for('"value":2}\n', since=at)
    hold("waiting for 'demo.lamp'" in listener.process.stderr.readline().decode(), "no loss is told")
    hold("lamp-1 is back" in listener.process.stderr.readline().decode(), "no return is told")
    while listener.process.poll() is None:  # it may be back on the list a moment later
        lamp.fire(7)
    hold(listener.end() == 0 and listener.rest() == "[7]\n", listener.heard)
    watch.signal(signal.SIGTERM)
    hold(watch.end() == 0, "ended with", watch.process.returncode)
    lines = [json.loads(line) for line in watch.rest().splitlines()]
    hold(all(line["service"] == "lamp-1" and line["object"] == "level" for line in lines), lines)
    said = watch.complaint()
    hold("lamp-1 is lost: " in said and "waiting for 'demo.lamp'" in said and "lamp-1 is back" in said, said)


@test
def a_place_is_tried_again_until_it_is_back(stage):
    lamp = DemoLamp(stage, "lamp-2", tcp_port=free_port(socket.SOCK_STREAM))
    alone = {"AUTOBUS_DISCOVERY": "none"}
    watch = stage.start("autobus-watch", lamp.place, "level", env=alone)
    at = watch.wait_for("0\n")
    lamp.kill()
    lamp.start()
    watch.wait_for("0\n", since=at)
    watch.signal(signal.SIGINT)
    hold(watch.end() == 130, watch.process.returncode)
    said = watch.complaint()
    hold("waiting for it" in said and "lamp-2 is back" in said and said.count("\n") == 2, said)


@test
def a_service_that_comes_late_is_waited_for(stage):
    watch = stage.start("autobus-watch", "demo.lamp", "level", "-n", "1")
    hold("no 'demo.lamp'" in watch.process.stderr.readline().decode(), "it does not say that nothing is there")
    DemoLamp(stage)
    hold(watch.end() == 0 and watch.rest() == "0\n", watch.heard)
    hold("Waiting for 'demo.lamp'." in watch.complaint(), "it does not say that it waits")


@test
def time_ends_it_and_what_was_heard_decides_how(stage):
    done = stage.run("autobus-watch", "demo.lamp", "level", "-t", "0.3")
    hold(done.returncode == 4 and done.stdout == "" and "'demo.lamp'" in done.stderr, done)
    DemoLamp(stage)
    for words, code, lines in ((["level", "-t", "0.6"], 0, "0\n"), (["level", "-t", "0.6", "-n", "2"], 4, "0\n"),
                               (["nonsuch", "-t", "0.6"], 4, "")):
        done = stage.run("autobus-watch", "demo.lamp", *words)
        hold(done.returncode == code and done.stdout == lines, words, done)
    done = stage.run("autobus-listen", "demo.lamp", "pressed", "-t", "0.5", "-n", "1")
    hold(done.returncode == 4 and "nothing came within 0.5 s" in done.stderr, done)


@test
def a_name_that_is_not_there_is_likely_a_slip(stage):
    DemoLamp(stage)
    done = stage.run("autobus-watch", "demo.lamp", "leve", "-t", "0.6")
    hold("no object 'leve'" in done.stderr and "Did you mean 'level'?" in done.stderr, done)
    done = stage.run("autobus-listen", "demo.lamp", "presed", "-t", "0.6")
    hold("no event 'presed'" in done.stderr and "Did you mean 'pressed'?" in done.stderr, done)


@test
def an_object_that_is_taken_away_may_come_again(stage):
    lamp = DemoLamp(stage)
    watch = stage.start("autobus-watch", "demo.lamp", "level")
    at = watch.wait_for("0\n")
    lamp.does("remove", kind="object", name="level")
    hold("lamp-1 has no 'level' now" in watch.process.stderr.readline().decode(), "not told")
    lamp.does("add_object", name="level", value=9)
    watch.wait_for("9\n", since=at)


@test
def several_are_a_question_and_each_tells_whose_it_is(stage):
    one = DemoLamp(stage, "lamp-1")
    DemoLamp(stage, "lamp-2")
    done = stage.run("autobus-watch", "demo.lamp", "level")
    hold(done.returncode == 8 and "-s lamp-1" in done.stderr and "-s lamp-2" in done.stderr, done)
    watch = stage.start("autobus-watch", "--each", "demo.lamp", "level")
    watch.wait_for("lamp-1  0\n")
    watch.wait_for("lamp-2  0\n")
    DemoLamp(stage, "lamp-3")
    at = watch.wait_for("lamp-3  0\n")
    one.set("level", 5)
    watch.wait_for("lamp-1  5\n", since=at)
    any_one = stage.run("autobus-watch", "--any", "demo.lamp", "level", "-n", "1")
    hold(any_one.returncode == 0 and any_one.stdout in ("0\n", "5\n"), any_one)


@test
def the_end_of_whoever_reads_ends_it_quietly(stage):
    lamp = DemoLamp(stage)
    watch = stage.start("autobus-watch", "demo.lamp", "level")
    watch.wait_for("0\n")
    watch.close_output()
    hold(watch.end() == 0 and watch.complaint() == "", watch.process.returncode)
    listener = listening(stage, "demo.lamp", "pressed")
    listener.close_output()
    lamp.fire(1)
    hold(listener.end() == 0, listener.process.returncode)


@test
def signals_end_it(stage):
    DemoLamp(stage)
    for number, code in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)):
        watch = stage.start("autobus-watch", "demo.lamp", "level")
        watch.wait_for("0\n")
        watch.signal(number)
        hold(watch.end() == code and watch.complaint() == "", number, watch.process.returncode)


@test
def a_disk_that_is_full_is_a_failure(stage):
    DemoLamp(stage)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([stage.program("autobus-watch"), "demo.lamp", "level"], env=stage.env, stdout=full,
                              stderr=subprocess.PIPE, timeout=10, check=False, text=True)
    hold(done.returncode == 1 and "could not be written" in done.stderr, done)


@test
def what_a_service_says_cannot_command_the_terminal(stage):
    lamp = DemoLamp(stage)
    evil = "\x1b[2J\x07\x9b1m\u202e\x7f\n"
    lamp.set("state", {evil: evil})
    for words in (["state", "level", "-n", "2"], ["-j", "state", "-n", "1"]):
        for terminal in (None, (80, 24)):
            said = stage.start("autobus-watch", "--color=never", lamp.place, *words, terminal=terminal).rest()
            wild = [one for one in said.replace("\r\n", "\n")
                    if one != "\n" and (ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e")]
            hold(said and not wild, words, said)


@test
def mistakes_are_told_in_one_sentence(stage):
    for tool, word in (("autobus-watch", "object"), ("autobus-listen", "event")):
        for words, part in (([], "TYPE"), (["lamp"], word), (["lamp", ""], word), (["lamp", "x", "-n", "0"], "-n"),
                            (["lamp", "x", "-t", "soon"], "-t"), (["lamp", "x", "--wait"], "--wait")):
            done = stage.run(tool, *words)
            hold(done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1, tool, words, done)


if __name__ == "__main__":
    main()
