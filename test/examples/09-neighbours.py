#!/usr/bin/env python3
"""09-neighbours: it hears who is there, who comes and who goes, and ends in time."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


@test
def it_tells_of_a_lamp_that_was_there_before_and_of_its_end(stage):
    announcer = stage.announcer()
    announcer.add("id-1", {"type": "lamp"})
    neighbours = stage.start("09-neighbours", "60")
    at = neighbours.wait_for("appeared: {\"type\": \"lamp\"} at 127.0.0.1:4000\n")
    announcer.remove("id-1")
    neighbours.wait_for("left: ", since=at)


@test
def it_ends_when_its_time_is_over(stage):
    neighbours = stage.start("09-neighbours", "1")
    hold(neighbours.end() == 0, "ended with", neighbours.process.returncode)
    hold(neighbours.rest() == "0 appeared\n", neighbours.heard)


@test
def it_says_why_there_is_no_bus(stage):
    done = stage.run("09-neighbours", "1", env={"AUTOBUS_PORT": "nonsense"})
    hold(done.returncode == 1 and "nonsense" in done.stderr, done)


if __name__ == "__main__":
    main()
