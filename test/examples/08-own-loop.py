#!/usr/bin/env python3
"""08-own-loop: callbacks run in its own loop, until its input ends."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


@test
def it_counts_who_is_there_until_its_input_ends(stage):
    announcer = stage.announcer()
    announcer.add("id-1", {"type": "lamp"})
    program = stage.start("08-own-loop", stdin=subprocess.PIPE)
    at = program.wait_for("1 there; the last change is about id-1\n")
    announcer.add("id-2", {"type": "lamp"})
    at = program.wait_for("2 there; the last change is about id-2\n", since=at)
    announcer.remove("id-1")
    program.wait_for("1 there; the last change is about id-1\n", since=at)
    program.process.stdin.close()
    hold(program.end() == 0, "ended with", program.process.returncode)


@test
def it_says_why_it_cannot_start(stage):
    done = stage.run("08-own-loop", env={"AUTOBUS_PORT": "nonsense"}, stdin=subprocess.DEVNULL)
    hold(done.returncode == 1 and "nonsense" in done.stderr, done)


if __name__ == "__main__":
    main()
