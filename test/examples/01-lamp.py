#!/usr/bin/env python3
"""01-lamp: it is there, it shines as it is told, it is gone, and it says what was wrong."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


def watched(stage, *words):
    """A lamp that is on, and a neighbour that has seen it."""
    neighbours = stage.start("09-neighbours", "60")
    lamp = stage.start("01-lamp", *words, stdin=subprocess.PIPE)
    lamp.wait_for("The lamp is on the network")
    return lamp, neighbours, neighbours.wait_for("appeared: ")


@test
def the_lamp_is_there_until_enter_is_pressed(stage):
    lamp, neighbours, at = watched(stage)
    lamp.process.stdin.write(b"\n")
    lamp.process.stdin.flush()
    neighbours.wait_for("left: ", since=at)
    hold(lamp.end() == 0, "ended with", lamp.process.returncode)


@test
def the_lamp_says_goodbye_when_its_input_ends_or_it_is_told_to(stage):
    for end in (lambda lamp: lamp.process.stdin.close(), lambda lamp: lamp.signal(signal.SIGTERM),
                lambda lamp: lamp.signal(signal.SIGINT)):
        lamp, neighbours, at = watched(stage, "{'type': 'lamp', 'name': 'Bedside'}")
        hold(b"Bedside" in neighbours.heard, neighbours.heard)
        end(lamp)
        neighbours.wait_for("left: ", since=at)
        hold(lamp.end() == 0, "ended with", lamp.process.returncode)


@test
def the_lamp_is_switched_from_elsewhere(stage):
    lamp, _, _ = watched(stage)
    hold(stage.run("02-switch", "70").returncode == 0, "it was not done")
    lamp.wait_for("It shines at 70 %, says 127.0.0.1.\n")


@test
def an_info_that_is_no_object_is_refused_in_one_sentence(stage):
    done = stage.run("01-lamp", "[1, 2]", stdin=subprocess.DEVNULL)
    hold(done.returncode == 1 and done.stderr.startswith("the lamp stays dark: "), done)
    hold(done.stderr.count("\n") == 1, done.stderr)


if __name__ == "__main__":
    main()
