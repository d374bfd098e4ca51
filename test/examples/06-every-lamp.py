#!/usr/bin/env python3
"""06-every-lamp: it counts the lamps, sets them all, and shows what they show."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


@test
def it_sets_all_lamps_at_once(stage):
    lamps = [stage.start("01-lamp", stdin=subprocess.PIPE) for _ in range(3)]
    every = stage.start("06-every-lamp", stdin=subprocess.PIPE)
    every.wait_for("lamps: 3\n")
    every.process.stdin.write(b"30\n")
    every.process.stdin.flush()
    for lamp in lamps:
        lamp.wait_for("It shines at 30 %")
    every.wait_for(": 30 }\n")
    hold(every.heard.count(b": 30") == 3, every.heard)
    at = len(every.heard)
    lamps[0].process.stdin.close()
    at = every.wait_for("lamps: 2\n", since=at)
    every.process.stdin.write(b"300\n")
    every.process.stdin.flush()
    every.wait_for(": 30 }\n", since=at)
    hold(every.heard[at:].count(b"cannot be 300") == 2, "two refusals", every.heard[at:])
    every.process.stdin.close()
    hold(every.end() == 0, "ended with", every.process.returncode)


if __name__ == "__main__":
    main()
