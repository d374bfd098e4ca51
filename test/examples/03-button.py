#!/usr/bin/env python3
"""03-button: who listens hears each press, once, from whichever button."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


def press(button):
    button.process.stdin.write(b"\n")
    button.process.stdin.flush()


def rings(bell, since=0):
    """Whether it has rung, or does in a moment."""
    try:
        bell.wait_for("Ding dong!", since=since, within=0.05)
    except AssertionError:
        return False
    return True


@test
def the_bell_rings_for_each_press(stage):
    bell = stage.start("03-button", "bell", stdin=subprocess.PIPE)
    button = stage.start("03-button", stdin=subprocess.PIPE)
    # A press before the bell has found the button is heard by nobody; so the first that rings may be any.
    for _ in range(200):
        press(button)
        if rings(bell):
            break
    hold(b"Ding dong!" in bell.heard, "it never rang")
    at = bell.wait_for("\n")
    press(button)
    bell.wait_for("Ding dong!", since=at)
    for each in (bell, button):
        each.process.stdin.close()
        hold(each.end() == 0, "ended with", each.process.returncode)


@test
def it_says_why_it_cannot_start(stage):
    done = stage.run("03-button", env={"AUTOBUS_PORT": "nonsense"}, stdin=subprocess.DEVNULL)
    hold(done.returncode == 1 and "nonsense" in done.stderr, done)


if __name__ == "__main__":
    main()
