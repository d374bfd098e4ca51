#!/usr/bin/env python3
"""Who sees whom: hosts, processes, interfaces and networks in every arrangement."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402
from town.conversation import Conversation  # noqa: E402

SOON = 2.0  # a bus holds broadcast announcements back for the first second of its life
DIRECT = 0.5


@story
def two_hosts_see_each_other_come_and_go(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    expect(at_bob, [("appeared", lamp, {"port": alice.port()})], within=SOON)
    torch = bob.publish("lamp")
    expect(at_bob, [("appeared", torch, {"host": "127.0.0.1"})], within=SOON)
    expect(at_alice, [("appeared", torch)], within=SOON)
    asked = lamp.withdraw()
    expect(at_alice, [("left", lamp)], within=DIRECT, since=asked)
    expect(at_bob, [("left", lamp)], within=DIRECT, since=asked)
    asked = bob.quit()
    expect(at_alice, [("left", torch)], within=DIRECT, since=asked)


@story
def a_newcomer_hears_at_once_of_what_is_already_there(town):
    _, one, other = town.two_hosts()
    lamp = Actor.start(one).publish("lamp")
    bob = Actor.start(other)
    at_bob = bob.listen(type="lamp")
    expect(at_bob, [("appeared", lamp)], within=DIRECT, since=bob.ready_at)
    second = bob.listen(type="lamp")
    expect(second, [("appeared", lamp)], within=DIRECT)


@story
def listeners_hear_only_what_passes_their_filter(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    lamps = bob.listen(type="lamp")
    kitchen = bob.listen(**{"type": "lamp", "room.name": "kitchen"})
    everything = bob.listen()
    first = alice.publish({"type": "lamp", "room": {"name": "kitchen"}})
    second = alice.publish({"type": "lamp", "room": {"name": "hall"}})
    third = alice.publish({"type": "bell"})
    expect_all(lamps, [("appeared", first), ("appeared", second)], within=SOON)
    expect(kitchen, [("appeared", first)], within=SOON)
    expect_all(everything, [("appeared", one) for one in (first, second, third)], within=SOON)


@story
def three_processes_on_one_host_each_answer_a_direct_question(town):
    _, one, other = town.two_hosts()
    actors = [Actor.start(one) for _ in range(3)]
    lamps = [actor.publish("lamp") for actor in actors]
    heard = [actor.listen(type="lamp") for actor in actors]
    for listener in heard:
        expect_all(listener, [("appeared", lamp) for lamp in lamps], within=SOON)
    newcomer = Actor.start(other)
    at_newcomer = newcomer.listen(type="lamp")
    expect_all(at_newcomer, [("appeared", lamp) for lamp in lamps], within=DIRECT,
               since=newcomer.ready_at)
    asked = actors[1].quit()
    for listener in (heard[0], heard[2], at_newcomer):
        expect(listener, [("left", lamps[1])], within=DIRECT, since=asked)


@story
def processes_of_one_host_find_each_other_over_loopback(town):
    _, one, _ = town.two_hosts()
    lamp = Actor.start(one).publish("lamp")
    second = Actor.start(one)
    heard = second.listen(type="lamp")
    expect(heard, [("appeared", lamp, {"host": "127.0.0.1"})], within=DIRECT)


@story
def hosts_without_a_default_route_see_each_other(town):
    town.default_routes = False
    _, one, other = town.two_hosts()
    lamp = Actor.start(one).publish("lamp")
    bob = Actor.start(other)
    heard = bob.listen(type="lamp")
    expect(heard, [("appeared", lamp)], within=DIRECT, since=bob.ready_at)
    torch = bob.publish("lamp")
    expect(heard, [("appeared", torch)], within=SOON)


@story
def a_machine_with_only_loopback_works(town):
    lonely = town.host("lonely")
    alice, bob = Actor.start(lonely), Actor.start(lonely)
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_bob, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    newcomer = Actor.start(lonely)
    heard = newcomer.listen(type="lamp")
    expect(heard, [("appeared", lamp, {"host": "127.0.0.1"})], within=DIRECT)
    asked = alice.quit()
    for listener in (at_bob, heard):
        expect(listener, [("left", lamp)], within=DIRECT, since=asked)


@story
def hosts_with_only_link_local_ipv6_see_each_other(town):
    _, one, other = town.two_hosts()
    for host in (one, other):
        host.ip(f"addr del {host.links[0].address}/16 dev eth0")
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    event, = expect(at_bob, [("appeared", lamp)], within=SOON)
    host = event.details["host"]
    assert host.startswith("fe80::") and host.endswith("%eth0"), host
    with Conversation(other, host, event.details["port"]) as talk:
        answer = talk.ask({"_type": 1, "_id": "1", "service": lamp.id, "_command": "bind"})
        assert answer["service"] == lamp.id
    asked = alice.quit()
    expect(at_bob, [("left", lamp)], within=DIRECT, since=asked)


@story
def a_program_that_runs_the_callbacks_itself_hears_the_same(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other, dispatch=1)
    at_bob = bob.listen(type="lamp")
    lamps = [alice.publish("lamp") for _ in range(3)]
    expect_all(at_bob, [("appeared", lamp) for lamp in lamps], within=SOON)
    asked = lamps[1].withdraw()
    expect(at_bob, [("left", lamps[1])], within=DIRECT, since=asked)
    bob.ask("unlisten", listener=at_bob.name)
    lamps[0].withdraw()
    town.quiet(1)


@story
def two_interfaces_on_one_network_are_one_service(town):
    network = town.network()
    one, other = town.host("one", network, network), town.host("other", network)
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    expect_all(at_alice, [("appeared", lamp), ("appeared", torch)], within=SOON)
    expect_all(at_bob, [("appeared", lamp), ("appeared", torch)], within=SOON)
    places = {link.address for link in one.links}

    def both_are_known():
        found = next(each for each in bob.enumerate(type="lamp") if each["service"] == lamp.id)
        return places <= {host for host, _ in found["locations"]}

    town.eventually(both_are_known, 15, "both addresses of the host are locations")
    town.quiet(1)
    asked = lamp.withdraw()
    expect(at_bob, [("left", lamp)], within=DIRECT, since=asked)
    expect(at_alice, [("left", lamp)], within=DIRECT, since=asked)


@story
def a_host_in_two_networks_sees_both_and_they_do_not_see_each_other(town):
    near, far = town.network(), town.network()
    left, right = town.host("left", near), town.host("right", far)
    middle = town.host("middle", near, far)
    actors = [Actor.start(host) for host in (left, middle, right)]
    heard = [actor.listen(type="lamp") for actor in actors]
    lamps = [actor.publish("lamp") for actor in actors]
    expect_all(heard[0], [("appeared", lamps[0]), ("appeared", lamps[1])], within=SOON)
    expect_all(heard[1], [("appeared", lamp) for lamp in lamps], within=SOON)
    expect_all(heard[2], [("appeared", lamps[1]), ("appeared", lamps[2])], within=SOON)
    town.quiet(2)


@story(waits=6, busy=True)
def two_hundred_answers_at_once_are_all_heard(town):
    network = town.network()
    hosts = [town.host(f"block{number}", network) for number in range(4)]
    lamps = []
    for host in hosts:
        actor = Actor.start(host, bus=None)
        opened = [actor.request("open", bus=f"bus{number}", options={}) for number in range(50)]
        for number in opened:
            assert actor.answer(number)["ok"]
        lamps += [actor.publish("lamp", bus=f"bus{number}") for number in range(50)]
    town.reactor.idle(3)  # all first announcements are over: what comes now are answers
    newcomer = Actor.start(town.host("newcomer", network))
    heard = newcomer.listen(type="lamp")
    expect_all(heard, [("appeared", lamp) for lamp in lamps], within=2.0, since=newcomer.ready_at)
    town.quiet(2)


if __name__ == "__main__":
    main()
