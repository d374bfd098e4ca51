#!/usr/bin/env python3
"""Ports: what a bus takes, and what it leaves to others."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402
from town.host import write_setting  # noqa: E402

SOON = 2.0


@story
def a_bus_leaves_the_port_that_all_share_to_all(town):
    """Where the kernel has hardly another one to give."""
    network = town.network()
    heard = Actor.start(town.host("ear", network)).listen(type="lamp")
    for number in range(4):
        host = town.host(f"host{number}", network)
        with host.inside():
            write_setting("net/ipv4/ip_local_port_range", "52722 52723")
        expect(heard, [("appeared", Actor.start(host).publish("lamp"))], within=SOON)


if __name__ == "__main__":
    main()
