#!/usr/bin/env python3
"""Interfaces come and go, and change their addresses, while buses run."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402

SOON = 2.0
GONE = 15.0


def two_hosts_without_ipv6(town):
    """Where the IPv4 address is the only way, what becomes of it is seen exactly."""
    network, one, other = town.two_hosts()
    one.without_ipv6()
    other.without_ipv6()
    return network, one, other


@story
def an_address_added_after_the_start_is_announced(town):
    network, one, other = two_hosts_without_ipv6(town)
    address = one.links[0].address
    one.ip(f"addr del {address}/16 dev eth0")
    alice, bob = Actor.start(one), Actor.start(other)
    at_bob = bob.listen(type="lamp")
    at_alice = alice.listen(type="lamp")
    lamp = alice.publish("lamp")
    torch = bob.publish("lamp")
    expect(at_alice, [("appeared", lamp, {"host": "127.0.0.1"})], within=SOON)
    expect(at_bob, [("appeared", torch, {"host": "127.0.0.1"})], within=SOON)
    town.quiet(2)
    one.ip(f"addr add {network.address(77)}/16 brd + dev eth0")
    expect(at_bob, [("appeared", lamp, {"host": network.address(77)})], within=SOON)
    expect(at_alice, [("appeared", torch, {"host": other.links[0].address})], within=SOON)


@story(waits=15)
def a_changed_address_is_a_changed_location(town):
    network, one, other = two_hosts_without_ipv6(town)
    old, new = one.links[0].address, network.address(77)
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    expect(at_bob, [("appeared", lamp, {"host": old})], within=SOON)
    one.ip(f"addr del {old}/16 dev eth0", f"addr add {new}/16 brd + dev eth0")
    expect(at_bob, [("changed", lamp, {"host": new})], within=GONE)
    one.ip(f"addr add {network.address(78)}/16 brd + dev eth0")
    town.quiet(2)


@story(waits=16)
def a_removed_address_takes_the_service_with_it(town):
    network, one, other = two_hosts_without_ipv6(town)
    address = one.links[0].address
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    expect_all(at_alice, [("appeared", lamp), ("appeared", torch)], within=SOON)
    expect_all(at_bob, [("appeared", lamp), ("appeared", torch)], within=SOON)
    one.ip(f"addr del {address}/16 dev eth0")
    expect(at_bob, [("left", lamp)], within=GONE)
    expect(at_alice, [("left", torch)], within=GONE)
    one.ip(f"addr add {address}/16 brd + dev eth0")
    expect(at_bob, [("appeared", lamp, {"host": address})], within=SOON)
    expect(at_alice, [("appeared", torch)], within=SOON)


@story(waits=16)
def a_device_deleted_and_made_again_is_visible_again(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    expect_all(at_alice, [("appeared", lamp), ("appeared", torch)], within=SOON)
    expect_all(at_bob, [("appeared", lamp), ("appeared", torch)], within=SOON)
    one.links[0].delete()
    expect(at_bob, [("left", lamp)], within=GONE)
    expect(at_alice, [("left", torch)], within=GONE)
    one.links[0].create()
    expect(at_bob, [("appeared", lamp)], within=SOON)
    expect(at_alice, [("appeared", torch)], within=SOON)


@story
def a_device_replaced_in_a_moment_carries_on(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    expect(at_bob, [("appeared", lamp)], within=SOON)
    one.links[0].delete()
    one.links[0].create()
    bell = alice.publish("lamp")
    torch = bob.publish("lamp")
    expect_all(at_alice, [("appeared", bell), ("appeared", torch)], within=SOON)
    expect_all(at_bob, [("appeared", bell), ("appeared", torch)], within=SOON)


@story
def an_interface_added_after_the_start_is_used(town):
    near, far = town.network(), town.network()
    one, other = town.host("one", near), town.host("other", far)
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    expect(at_alice, [("appeared", lamp)], within=SOON)
    expect(at_bob, [("appeared", torch)], within=SOON)
    town.plug(one, far)
    expect(at_alice, [("appeared", torch)], within=SOON)
    expect(at_bob, [("appeared", lamp)], within=SOON)


@story
def one_bad_interface_does_not_disable_another(town):
    near, far = town.network(), town.network()
    one, other = town.host("one", near, far), town.host("other", far)
    one.ip("link set eth0 down")
    lamp = Actor.start(one).publish("lamp")
    bob = Actor.start(other)
    at_bob = bob.listen(type="lamp")
    expect(at_bob, [("appeared", lamp)], within=SOON)


@story(waits=12)
def a_host_with_two_ways_into_one_network_is_one_host(town):
    """By cable and by air, as it were, which has no IPv4 address yet: what leaves by one comes in by the other."""
    network = town.network()
    one, other = town.host("one", network, network), town.host("other", network)
    one.ip(f"addr del {one.links[1].address}/16 dev eth1")
    alice, bob = Actor.start(one), Actor.start(other)
    names = alice.bus_id(), bob.bus_id()
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    expect_all(at_alice, [("appeared", lamp), ("appeared", torch)], within=SOON)
    expect_all(at_bob, [("appeared", lamp), ("appeared", torch)], within=SOON)
    town.quiet(12)
    assert (alice.bus_id(), bob.bus_id()) == names, "somebody took a packet of its own for a namesake's"


@story
def interfaces_are_chosen_by_name(town):
    near, far = town.network(), town.network()
    one = town.host("one", near, far)
    left, right = town.host("left", near), town.host("right", far)
    alice = Actor.start(one, env={"AUTOBUS_INTERFACES": "eth*,lo,!eth0"})
    assert "eth1" in alice.interfaces() and "eth0" not in alice.interfaces()
    at_left, at_right = (Actor.start(host).listen(type="lamp") for host in (left, right))
    lamp = alice.publish("lamp")
    expect(at_right, [("appeared", lamp)], within=SOON)
    town.quiet(1)
    del at_left


@story
def connections_are_accepted_by_chosen_interfaces_alone(town):
    near, far = town.network(), town.network()
    one = town.host("one", near, far)
    left, right = town.host("left", near), town.host("right", far)
    here = {"AUTOBUS_RUNTIME_DIR": "none"}
    alice = Actor.start(one, env={"AUTOBUS_INTERFACES": "eth1", **here}, tcp_port=4711)
    lamp = alice.publish("lamp")
    lamp.function("echo")
    assert Actor.start(right).proxy(type="lamp").call("echo", "by cable") == "by cable"
    assert Actor.start(one, env=here).proxy(type="lamp").call("echo", "from here") == "from here"
    assert alice.stat("refused") == 0
    bob = Actor.start(left, sources="none")
    left.ip(f"route add {one.links[1].address}/32 via {one.links[0].address}")
    for number, link in enumerate(one.links, 1):  # whatever address it is dialled at, it comes by eth0
        refused = bob.answer(bob.request("connect", remote="none", service=lamp.id, host=link.address, port=4711))
        assert refused["result"] == "failed", refused
        assert alice.stat("refused") == number


if __name__ == "__main__":
    main()
