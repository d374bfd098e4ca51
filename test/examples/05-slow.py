#!/usr/bin/env python3
"""05-slow: the answer comes when it is ready, and the caller hears of its call once in any case."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


@test
def the_water_boils_after_a_while(stage):
    kettle = stage.start("05-slow", stdin=subprocess.PIPE)
    slow = stage.start("05-slow", "[1]", stdin=subprocess.PIPE)
    quick = stage.start("05-slow", "[0]", stdin=subprocess.PIPE)
    quick.wait_for('"It boils."\n')
    slow.wait_for('"It boils."\n')
    for each in (slow, quick, kettle):
        each.process.stdin.close()
        hold(each.end() == 0, "ended with", each.process.returncode)


@test
def who_goes_before_it_boils_hears_that_too(stage):
    kettle = stage.start("05-slow", stdin=subprocess.PIPE)
    caller = stage.start("05-slow", "[1]", stdin=subprocess.PIPE)
    caller.process.stdin.close()
    hold(caller.end() == 0, "ended with", caller.process.returncode)
    hold(len(caller.rest().splitlines()) == 1, caller.heard)
    kettle.process.stdin.close()
    hold(kettle.end() == 0, "ended with", kettle.process.returncode)


if __name__ == "__main__":
    main()
