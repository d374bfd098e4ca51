#!/usr/bin/env python3
"""04-thermostat: the display shows the latest value, and whether there is one."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


@test
def the_display_follows_the_thermostat_and_its_restart(stage):
    display = stage.start("04-thermostat", "display", stdin=subprocess.PIPE)
    at = display.wait_for("no thermostat\n")
    for _ in range(2):
        thermostat = stage.start("04-thermostat", stdin=subprocess.PIPE)
        at = display.wait_for("20.0 degrees\n", since=at)
        thermostat.process.stdin.write(b"21.5\nwarmer\n22\n")
        thermostat.process.stdin.flush()
        at = display.wait_for("22.0 degrees\n", since=at)
        thermostat.process.stdin.close()
        hold(thermostat.end() == 0, "ended with", thermostat.process.returncode)
        at = display.wait_for("no thermostat\n", since=at)
    display.process.stdin.close()
    hold(display.end() == 0, "ended with", display.process.returncode)


@test
def a_display_that_comes_late_is_shown_the_value_of_now(stage):
    thermostat = stage.start("04-thermostat", stdin=subprocess.PIPE)
    thermostat.process.stdin.write(b"19.5\n")
    thermostat.process.stdin.flush()
    display = stage.start("04-thermostat", "display", stdin=subprocess.PIPE)
    display.wait_for("19.5 degrees\n")


@test
def it_says_why_it_cannot_start(stage):
    done = stage.run("04-thermostat", env={"AUTOBUS_PORT": "nonsense"}, stdin=subprocess.DEVNULL)
    hold(done.returncode == 1 and "nonsense" in done.stderr, done)


if __name__ == "__main__":
    main()
