#!/usr/bin/env python3
"""The town keeps its word: links lose what they should, forwarders decide the same way twice, nothing stays behind."""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import forwarder  # noqa: E402
from town import Forwarder, main, story  # noqa: E402


def listener(host, port=9999):
    ear = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("", port))
    ear.settimeout(0.2)
    return ear


def heard(ear):
    packets = []
    try:
        while True:
            packets.append(ear.recv(2000))
    except TimeoutError:
        return packets


def exchange(one, other, size):
    """Send bytes over TCP; whether they arrived."""
    with one.socket() as server, other.socket() as client:
        server.bind(("", 7777))
        server.listen()
        client.settimeout(2)
        client.connect((one.links[0].address, 7777))
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"x" * size)
            client.shutdown(socket.SHUT_WR)
            got = 0
            while piece := accepted.recv(65536):
                got += len(piece)
            return got == size


@story
def a_link_that_is_cut_and_healed(town):
    network, one, other = town.two_hosts()
    ear = listener(other)
    one.say("before", network.broadcast, 9999)
    assert heard(ear) == [b"before"]
    other.links[0].cut()
    one.say("during", network.broadcast, 9999)
    assert not heard(ear)
    other.links[0].heal()
    one.say("after", network.broadcast, 9999)
    assert heard(ear) == [b"after"]


@story
def loss_of_udp_leaves_tcp_alone(town):
    network, one, other = town.two_hosts()
    ear = listener(other)
    one.links[0].lose(1.0, udp_only=True)
    one.say("x", network.broadcast, 9999)
    assert not heard(ear)
    assert exchange(one, other, 1000)
    one.links[0].lose_nothing()
    one.say("x", network.broadcast, 9999)
    assert heard(ear) == [b"x"]


@story
def a_third_of_all_packets_is_lost(town):
    network, one, other = town.two_hosts()
    ear = listener(other)
    one.links[0].lose(0.33, ways=("ingress",))
    arrived = 0
    for _ in range(10):
        for _ in range(100):  # more at once would not fit into the receive buffer
            one.say("x", network.broadcast, 9999)
        arrived += len(heard(ear))
    assert 550 < arrived < 800, f"{arrived} of 1000 arrived"


@story
def a_forwarder_delays_doubles_and_reorders(town):
    network = town.network()
    road = Forwarder(seed=7, delay=20, jitter=30, duplicate=0.2)
    one, other = town.host("one", network, through=road), town.host("other", network)
    ear = listener(other)
    with one.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        for number in range(100):
            mouth.sendto(b"%d" % number, (other.links[0].address, 9999))
    got = [int(packet) for packet in heard(ear)]
    assert set(got) == set(range(100)), "none is lost"
    assert 105 < len(got) < 135 and got != sorted(got)
    assert exchange(one, other, 300000), "segments and checksums survive"
    assert exchange(other, one, 300000)


@story
def a_seed_decides_the_fate_of_every_frame(_town):
    class Quality:
        delay, jitter, hold, loss, duplicate, reorder = 5, 20, 40, 0.1, 0.1, 0.1

    def fates(seed):
        road = forwarder.Road(None, None, Quality, seed)
        return [road.fates() for _ in range(500)]

    assert fates("1 there") == fates("1 there")
    assert fates("1 there") != fates("2 there")


@story
def two_networks_meet_only_in_a_router(town):
    near, far = town.network(), town.network()
    one, other = town.host("one", near), town.host("other", far)
    ear = listener(other)
    one.say("x", "255.255.255.255", 9999)
    town.router(near, far)
    one.say("y", far.broadcast, 9999)
    one.say("z", other.links[0].address, 9999)
    assert heard(ear) == [b"z"]


@story
def hosts_have_names_folders_and_link_local_addresses_of_their_own(town):
    _, one, other = town.two_hosts()
    assert one.run("hostname").stdout.strip() == "one"
    one.run("touch", "/run/autobus/here")
    assert other.run("ls", "/run/autobus").stdout == ""
    town.eventually(lambda: "fe80:" in one.run("ip", "-6", "addr", "show", "dev", "eth0").stdout, 3, "an IPv6 address")


@story
def a_device_is_deleted_and_made_again(town):
    network, one, other = town.two_hosts()
    one.links[0].delete()
    assert "eth0" not in one.run("ip", "link").stdout
    one.links[0].create()
    ear = listener(one)
    other.say("x", network.broadcast, 9999)
    assert heard(ear) == [b"x"]


if __name__ == "__main__":
    main()
