#!/usr/bin/env python3
"""02-switch: it switches whichever lamp is there, and says why it cannot."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


def a_lamp(stage, *words):
    lamp = stage.start("01-lamp", *words, stdin=subprocess.PIPE)
    lamp.wait_for("The lamp is on the network")
    return lamp


@test
def it_turns_a_lamp_on_and_off_and_to_any_level(stage):
    lamp, at = a_lamp(stage), 0
    for word, level in (("on", 100), ("off", 0), ("40", 40)):
        done = stage.run("02-switch", word)
        hold(done.returncode == 0, done)
        at = lamp.wait_for(f"It shines at {level} %", since=at)


@test
def the_view_shows_the_level_and_each_switching(stage):
    view = stage.start("02-switch", "view", stdin=subprocess.PIPE)
    lamp = a_lamp(stage)
    at = view.wait_for("level: 0\n")
    hold(stage.run("02-switch", "55").returncode == 0, "it was not done")
    view.wait_for("level: 55\n", since=at)
    at = view.wait_for("switched: [true]\n", since=at)
    lamp.process.stdin.close()
    view.wait_for("level: null\n", since=at)
    view.process.stdin.close()
    hold(view.end() == 0, "ended with", view.process.returncode)


@test
def it_finds_the_lamp_that_is_asked_for(stage):
    desk, bed = a_lamp(stage), a_lamp(stage, "{'type': 'lamp', 'name': 'Bedside'}")
    hold(stage.run("02-switch", "on", "{'name': 'Bedside'}").returncode == 0, "it was not done")
    bed.wait_for("It shines at 100 %")
    hold(b"shines" not in desk.heard, desk.heard)


@test
def a_level_that_no_lamp_has_is_refused_by_the_lamp(stage):
    a_lamp(stage)
    done = stage.run("02-switch", "101")
    hold(done.returncode == 1 and done.stderr.startswith("invalid: "), done)
    hold("101" in done.stderr and "100" in done.stderr, "it says what was wrong and what would be right", done)


@test
def without_a_lamp_it_waits_and_gives_up(stage):
    done = stage.run("02-switch", "on")
    hold(done.returncode == 1 and done.stderr.startswith("timeout: "), done)


if __name__ == "__main__":
    main()
