#!/usr/bin/env python3
"""Discovery switched off: no UDP socket, no datagram, and services still reachable."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, main, story  # noqa: E402

from town.conversation import Conversation  # noqa: E402

SOON = 2.0


def system_calls(town, actor, what):
    """The lines of an strace log that match, once the actor has ended."""
    with open(actor.trace, encoding="utf-8", errors="replace") as file:
        return [line for line in file if re.search(what, line)]


def traced(town, host, **options):
    """An actor under strace, which writes down every socket that it makes."""
    town.needs("strace")
    trace = f"/run/town/trace{town.next_number()}"
    actor = Actor.start(host, wrapper=("strace", "-f", "-qq", "-o", trace, "-e",
                                       "trace=socket,connect,sendto,sendmsg,sendmmsg"),
                        env={"ASAN_OPTIONS": "detect_leaks=0"},  # which cannot work under strace
                        **options)
    actor.trace = trace
    return actor


@story
def discovery_off_opens_no_udp_socket(town):
    _, one, other = town.two_hosts()
    bob = Actor.start(other)
    bob.listen(type="lamp")
    alice = traced(town, one, sources="none")
    at_alice = alice.listen(type="lamp")
    lamp = alice.publish("lamp", "known-beforehand")
    expect(at_alice, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    with Conversation(other, one.links[0].address, alice.port()) as talk:
        answer = talk.ask({"_type": 1, "_id": "1", "service": lamp.id, "_command": "bind"})
        assert answer["service"] == "known-beforehand"
    town.quiet(2)
    alice.quit()
    datagrams = system_calls(town, alice, r"socket\(AF_INET6?, SOCK_DGRAM")
    assert not datagrams, datagrams
    assert not system_calls(town, alice, r"dbus"), "nor a message bus"
    assert system_calls(town, alice, r"socket\(AF_INET6?, SOCK_STREAM"), "strace has seen the rest"


@story
def the_environment_switches_discovery_off(town):
    _, one, other = town.two_hosts()
    Actor.start(other).listen(type="lamp")
    alice = Actor.start(one, env={"AUTOBUS_DISCOVERY": "none"})
    lamp = alice.publish("lamp")
    town.quiet(2)
    assert alice.stat("sent_packets") == 0 and alice.stat("heard_packets") == 0
    assert [each["service"] for each in alice.enumerate(type="lamp")] == [lamp.id]


@story
def a_bus_with_nothing_to_offer_stays_silent(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice = alice.listen(type="lamp")
    lamp = bob.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    town.eventually(lambda: alice.stat("sent_query") > 0, 5, "it asks")
    town.quiet(1)
    assert alice.stat("sent_add") == 0 and alice.stat("sent_remove") == 0
    assert [each["info"]["type"] for each in bob.enumerate(type="autobus.details")] == \
        ["autobus.details"], "only bob's own"


@story
def buses_on_another_port_are_in_another_world(town):
    _, one, other = town.two_hosts()
    here = Actor.start(one).publish("lamp")
    there = Actor.start(one, env={"AUTOBUS_PORT": "52999"}).publish("lamp")
    first = Actor.start(other).listen(type="lamp")
    second = Actor.start(other, udp_port=52999).listen(type="lamp")
    expect(first, [("appeared", here)], within=SOON)
    expect(second, [("appeared", there)], within=SOON)
    town.quiet(1)


if __name__ == "__main__":
    main()
