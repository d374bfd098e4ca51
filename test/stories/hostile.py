#!/usr/bin/env python3
"""A hostile neighbour: floods of forged packets cost little, displace nobody and silence nobody."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

SOON = 2.0
FLOODER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "flooder.py")
MIB = 1024 * 1024


def resident(actor):
    """Bytes of memory that the process sits in now."""
    with open(f"/proc/{actor.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def broadcast_of(host):
    return host.links[0].network.broadcast


class Flood:
    """A process that floods, from a host of its own or from the victim's."""

    def __init__(self, town, host, kind, count):
        self.count = int(count * town.scale)
        self.process = host.start(sys.executable, FLOODER, kind, str(self.count), broadcast_of(host), label="flood")
        self.process.wait_for_line(b"ready", 10)

    def begin(self):
        self.process.tell("go")

    def end(self, within=300):
        self.process.wait_for_line(b"done", within)


def a_flood_is_borne(town, kind, by_neighbour=True):
    """The victim knows a lamp; the flood comes; another lamp appears in the middle of it; nothing is lost."""
    network = town.network()
    home, friend, foe = (town.host(name, network) for name in ("home", "friend", "foe"))
    victim = Actor.start(home)
    heard = victim.listen(type="lamp")
    known = Actor.start(friend).publish("lamp")
    expect(heard, [("appeared", known)], within=SOON)
    flood = Flood(town, foe if by_neighbour else home, kind, 1e6)
    before = resident(victim)
    flood.begin()
    late = Actor.start(friend).publish("lamp")
    expect(heard, [("appeared", late)], within=10)
    flood.end()
    grown = resident(victim) - before
    if grown > 8 * MIB:
        raise AssertionError(f"{flood.count} forged packets cost {grown / MIB:.1f} MiB, more than 8")
    town.quiet(1)
    return victim, flood


@story(waits=20, busy=True)
def forged_announcements_displace_nobody(town):
    a_flood_is_borne(town, "announcements")


@story(waits=20, busy=True)
def forged_announcements_from_ever_new_ports_displace_nobody(town):
    a_flood_is_borne(town, "ports")


@story(waits=20, busy=True)
def forged_announcements_from_one_s_own_host_displace_nobody(town):
    a_flood_is_borne(town, "announcements", by_neighbour=False)


@story(waits=20, busy=True)
def forged_buses_displace_nobody(town):
    a_flood_is_borne(town, "buses")


@story(waits=20, busy=True)
def noise_is_counted_and_not_logged_in_a_loop(town):
    victim, _flood = a_flood_is_borne(town, "noise")
    if victim.stat("dropped_malformed") == 0:
        raise AssertionError("no malformed packet was counted")
    if len(victim.log.splitlines()) > 20:
        raise AssertionError(f"the log has {len(victim.log.splitlines())} lines")


@story(waits=20, busy=True)
def forged_questions_cause_no_more_than_the_bounds(town):
    network = town.network()
    home, foe = town.host("home", network), town.host("foe", network)
    victim = Actor.start(home)
    for number in range(40):
        victim.publish("lamp", f"lamp-{number}")
    town.quiet(2)
    flood = Flood(town, foe, "questions", 1e6)
    before, start = victim.stats(), time.monotonic()
    flood.begin()
    flood.end()
    after, seconds = victim.stats(), time.monotonic() - start
    # Every copy to every destination counts in the statistics: two IPv4 broadcasts and loopback here, and IPv6.
    copies = 4
    allowed = copies * 64 * 1024 * (seconds + 1)
    said = after["sent_bytes"] - before["sent_bytes"]
    rounds = (after["sent_add"] - before["sent_add"]) / copies / 41
    if said > allowed:
        raise AssertionError(f"{said} bytes in {seconds:.1f} s were provoked, {allowed:.0f} are allowed")
    if rounds > seconds / 0.25 + 2:
        raise AssertionError(f"{rounds:.0f} rounds in {seconds:.1f} s, more than one in 250 ms")


if __name__ == "__main__":
    main()
