#!/usr/bin/env python3
"""Bad roads: packets lost, late, doubled, out of order; links cut and healed. Nobody is missed."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, Forwarder, expect, expect_all, main, story  # noqa: E402

SOON = 2.0
LOSSY = 8.0  # some question or answer gets through until then


def neighbours(town, hosts):
    """An actor with a lamp on each host, and everybody's listeners."""
    actors = [Actor.start(host) for host in hosts]
    heard = [actor.listen(type="lamp") for actor in actors]
    lamps = [actor.publish("lamp") for actor in actors]
    return actors, heard, lamps


def all_see_all(heard, lamps, within):
    for listener in heard:
        expect_all(listener, [("appeared", lamp) for lamp in lamps], within=within)


@story(waits=10, scaled=300)
def thirty_percent_loss_makes_nobody_leave(town):
    network = town.network()
    hosts = [town.host(f"host{number}", network) for number in range(4)]
    for host in hosts:
        host.links[0].lose(0.3)
    _, heard, lamps = neighbours(town, hosts)
    all_see_all(heard, lamps, within=LOSSY)
    town.quiet(max(30, 300 * town.scale))


@story(waits=40)
def udp_dead_and_tcp_alive_makes_nobody_leave(town):
    _, one, other = town.two_hosts()
    _, heard, lamps = neighbours(town, (one, other))
    all_see_all(heard, lamps, within=SOON)
    one.links[0].lose(1.0, udp_only=True)
    town.quiet(38)
    one.links[0].lose_nothing()
    town.quiet(2)


def a_cut_of_ten_seconds_is_nothing(town, after):
    _, one, other = town.two_hosts()
    _, heard, lamps = neighbours(town, (one, other))
    all_see_all(heard, lamps, within=SOON)
    town.quiet(after)
    one.links[0].cut()
    town.quiet(10)
    one.links[0].heal()
    town.quiet(12)


@story(waits=23)
def a_partition_of_ten_seconds_makes_nobody_leave(town):
    a_cut_of_ten_seconds_is_nothing(town, after=1)


@story(waits=27)
def a_partition_long_after_the_last_sign_of_life_makes_nobody_leave(town):
    a_cut_of_ten_seconds_is_nothing(town, after=4.6)


@story(waits=31)
def a_partition_at_any_moment_makes_nobody_leave(town):
    a_cut_of_ten_seconds_is_nothing(town, after=random.Random(town.seed).uniform(4, 9))


@story(waits=35)
def a_partition_of_half_a_minute_ends_with_everybody_back(town):
    _, one, other = town.two_hosts()
    _, heard, lamps = neighbours(town, (one, other))
    all_see_all(heard, lamps, within=SOON)
    one.links[0].cut()
    expect(heard[0], [("left", lamps[1])], within=15)
    expect(heard[1], [("left", lamps[0])], within=15)
    town.quiet(14)
    one.links[0].heal()
    expect(heard[0], [("appeared", lamps[1])], within=12)
    expect(heard[1], [("appeared", lamps[0])], within=12)


@story(waits=25)
def delay_jitter_duplicates_and_reordering_change_no_sequence(town):
    network = town.network()
    hosts = [town.host(f"host{number}", network,
                       through=Forwarder(seed=town.seed * 10 + number, delay=20, jitter=60,
                                         duplicate=0.2, reorder=0.1, hold=150))
             for number in range(3)]
    actors, heard, lamps = neighbours(town, hosts)
    all_see_all(heard, lamps, within=SOON + 1)
    town.quiet(12)
    asked = lamps[0].withdraw()
    for listener in heard:
        expect(listener, [("left", lamps[0])], within=1, since=asked)
    town.quiet(3)
    again = actors[0].publish("lamp")
    for listener in heard:
        expect(listener, [("appeared", again)], within=SOON)
    town.quiet(3)


@story(waits=10)
def services_that_flicker_over_a_bad_road_end_in_the_right_state(town):
    network = town.network()
    road = Forwarder(seed=town.seed, delay=5, jitter=40, duplicate=0.3, reorder=0.2, hold=60)
    one, other = town.host("one", network, through=road), town.host("other", network)
    alice, bob = Actor.start(one), Actor.start(other)
    at_bob = bob.listen(type="lamp")
    for number in range(5):
        lamp = alice.publish("lamp", f"lamp-{number}")
        expect(at_bob, [("appeared", lamp)], within=SOON)
        lamp.withdraw()
        expect(at_bob, [("left", lamp)], within=SOON)
    town.quiet(5)
    assert bob.enumerate(type="lamp") == []


@story
def the_cable_pulled_and_plugged_in_again_is_nothing(town):
    _, one, other = town.two_hosts()
    _, heard, lamps = neighbours(town, (one, other))
    all_see_all(heard, lamps, within=SOON)
    one.links[0].carrier(False)
    town.quiet(1)
    one.links[0].carrier(True)
    town.quiet(3)


if __name__ == "__main__":
    main()
