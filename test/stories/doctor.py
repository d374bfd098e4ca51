#!/usr/bin/env python3
"""autobus-doctor in the town: what keeps a service from being seen, and the sentence that says so."""

import json
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, LegacyPeer, firewall, main, story  # noqa: E402

PORT = 52722
DONE, FAILED, NOTHING, TIMEOUT, DENIED, AMBIGUOUS = 0, 1, 3, 4, 6, 8

# Classic BPF: drop what is UDP over IPv4 (protocol 17 of ethertype 0x0800) or IPv6. Offsets count from the network
# header, since the system's own copy of a broadcast has none below.
_PROTOCOL, _NETWORK = 4294963200, 4293918720
_DROP_UDP = f"9,40 0 0 {_PROTOCOL},21 0 2 2048,48 0 0 {_NETWORK + 9},21 3 4 17,21 0 3 34525,48 0 0 {_NETWORK + 6}," \
            "21 0 1 17,6 0 0 2,6 0 0 4294967295"


def doctor(town, host, *words, time="0.5", env=None):
    return host.run(town.program("autobus-doctor"), "-t", time, *words, env=env)


def says(done, code, *parts):
    """It ends with this code, and its last line, which is one sentence, says all of that."""
    assert done.returncode == code and done.stderr == "", done
    sentence = done.stdout.splitlines()[-1]
    assert sentence.endswith(".") and ". " not in sentence, sentence
    for part in parts:
        assert part in sentence, f"{part!r} is not in {sentence!r}"
    return sentence


def a_lamp_elsewhere(town):
    _, here, there = town.two_hosts()
    actor = Actor.start(there)
    return here, there, actor, actor.publish({"type": "demo.lamp"})


class Overheard:
    """A doctor at work; what it asks is overheard on another host."""

    def __init__(self, town, host, other, *words, time="1"):
        self._ear = other.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._ear.bind(("", PORT))
        self._ear.settimeout(10)
        self._process = host.start(town.program("autobus-doctor"), "-t", time, *words)
        while b'"waits":false' not in self._ear.recv(65536):
            pass  # the question of its bus

    def says(self, code, *parts):
        self._ear.close()
        ended = self._process.wait(within=10)
        sentence = self._process.lines[-1].decode()
        assert ended == code and self._process.log == "", (ended, sentence, self._process.log)
        for part in parts:
            assert part in sentence, f"{part!r} is not in {sentence!r}"


@story
def all_is_well(town):
    here, there, actor, lamp = a_lamp_elsewhere(town)
    address = f"{there.links[0].address}:{actor.port()}"
    says(doctor(town, here), DONE, "All is well: 1 service is seen")
    says(doctor(town, here, "demo.lamp"), DONE, f"All is well: '{lamp.id}' is seen at {address}, and it answers.")
    says(doctor(town, here, "-s", lamp.id), DONE, address)
    says(doctor(town, here, f"{address}/{lamp.id}"), DONE, f"{address}/{lamp.id} accepts connections and answers.")
    says(doctor(town, there, "demo.lamp"), DONE, "All is well")
    done = doctor(town, here, "-j", "demo.lamp")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    checks = {(line["check"], line["subject"]): line for line in lines}
    assert all(line["state"] == "ok" for line in lines), lines
    assert checks["interface", "eth0"]["broadcast"] == checks["interface", "eth0"]["multicast"] == "back", lines
    assert checks["bus", actor.bus_id()]["answered"] and checks["service", lamp.id]["answers"], lines
    assert lines[-1]["check"] == "verdict" and lines[-1]["exit"] == 0, lines


@story
def an_unplugged_cable_is_noticed(town):
    here, _, _, _ = a_lamp_elsewhere(town)
    here.links[0].carrier(False)
    town.eventually(lambda: "NO-CARRIER" in here.run("ip", "link", "show", "eth0").stdout, 10, "the cable is pulled")
    says(doctor(town, here, "demo.lamp"), FAILED, "eth0 has no link: plug in its cable")
    assert "eth0 has no link" in says(doctor(town, here), FAILED)
    here.links[0].carrier(True)
    town.eventually(here.links[0].is_up, 10, "the cable is plugged in")
    says(doctor(town, here, "demo.lamp"), DONE)


@story
def a_port_that_is_not_shared_is_noticed(town):
    here, _, _, _ = a_lamp_elsewhere(town)
    with here.socket(socket.AF_INET, socket.SOCK_DGRAM) as selfish:
        selfish.bind(("", PORT))
        says(doctor(town, here, "demo.lamp"), FAILED, f"UDP port {PORT} is held by python3 (process ",
             "end that program, or give all of yours another port with AUTOBUS_PORT.")
    says(doctor(town, here, "demo.lamp"), DONE)


@story
def a_machine_with_nothing_but_loopback_is_told_so(town):
    alone = town.host("alone")
    says(doctor(town, alone), FAILED, "This machine has no interface but loopback")
    says(doctor(town, alone, "demo.lamp"), FAILED, "no interface but loopback")
    Actor.start(alone).publish({"type": "demo.lamp"})
    says(doctor(town, alone, "demo.lamp"), DONE, "All is well")


@story
def a_firewall_that_lets_nothing_in_is_noticed(town):
    here, _, _, _ = a_lamp_elsewhere(town)
    with here.inside():
        here.run("tc", "qdisc", "add", "dev", "eth0", "clsact")
        made = here.run("tc", "filter", "add", "dev", "eth0", "ingress", "bpf", "da", "bytecode", _DROP_UDP)
    assert made.returncode == 0, made
    says(doctor(town, here, "demo.lamp"), DENIED, f"What comes by eth0 to UDP port {PORT} does not reach programs",
         "a firewall here drops it")


@story(waits=6)
def a_firewall_of_netfilter_is_noticed_both_ways(town):
    here, _, _, _ = a_lamp_elsewhere(town)
    with firewall.closed(here, "output"):
        says(doctor(town, here, "demo.lamp"), DENIED,
             "The system lets no broadcast out by eth0 (Operation not permitted)", f"UDP to port {PORT}; allow it.")
    with firewall.closed(here, "input"):
        says(doctor(town, here, "demo.lamp"), DENIED, f"What comes by eth0 to UDP port {PORT} does not reach programs")
    says(doctor(town, here, "demo.lamp"), DONE)


@story
def udp_that_is_lost_on_the_way_is_told_from_nobody_being_there(town):
    here, there, actor, lamp = a_lamp_elsewhere(town)
    here.links[0].lose(1.0, udp_only=True)
    says(doctor(town, here), NOTHING, "Nobody answers on eth0", f"UDP port {PORT}")
    place = f"{there.links[0].address}:{actor.port()}"
    says(doctor(town, here, f"{place}/{lamp.id}"), DENIED, "answers over TCP but not over UDP: a firewall")
    actor.close()
    says(doctor(town, here, place), FAILED, f"nothing accepts connections there", place)


@story
def a_slip_of_the_finger_is_noticed(town):
    here, _, _, _ = a_lamp_elsewhere(town)
    says(doctor(town, here, "demo.lmp"), NOTHING, "No 'demo.lmp' is seen, but 'demo.lamp' is: try that name.")
    says(doctor(town, here, "fridge"), NOTHING, "No 'fridge' is seen, though 1 other service is")


@story
def a_service_that_is_listed_but_dead_is_noticed(town):
    _, here, there = town.two_hosts()
    doctor_at_work = Overheard(town, here, there, "torch")
    there.say(json.dumps({"command": "add", "port": 9, "service": "t-1", "info": {"type": "torch"}}),
              there.links[0].network.broadcast)
    doctor_at_work.says(FAILED, f"'t-1' is listed at {there.links[0].address}:9, but nothing accepts connections")


@story(waits=6)
def a_program_that_is_stopped_is_noticed(town):
    here, there, actor, lamp = a_lamp_elsewhere(town)
    place = f"{there.links[0].address}:{actor.port()}"
    actor.pause()
    says(doctor(town, here, f"{place}/{lamp.id}"), TIMEOUT, f"What is at {place} accepts connections but does not")
    actor.resume()


@story
def a_neighbour_in_another_network_is_noticed(town):
    town.default_routes = False
    network = town.network()
    here, there = town.host("here", network), town.host("there")
    for host in (here, there):
        host.without_ipv6()
    town.plug(there, network, "10.77.0.1")
    there.ip("route add default dev eth0")
    doctor_at_work = Overheard(town, here, there)
    there.say(json.dumps({"command": "add", "port": 9, "service": "t-1", "info": {"type": "torch"}}),
              "255.255.255.255")
    doctor_at_work.says(FAILED, "10.77.0.1 speaks by eth0, but lies in none of its networks (10.1.0.1/16)")


@story(waits=6)
def listed_peers_are_asked_one_by_one(town):
    town.default_routes = False
    network, here, there = town.two_hosts()
    address = there.links[0].address
    quiet = town.host("quiet", network)
    quiet_address = quiet.links[0].address
    says(doctor(town, here, env={"AUTOBUS_PEERS": quiet_address}), NOTHING,
         f"The machine of the peer {quiet_address} is there, but no program on it listens at UDP port {PORT}")
    says(doctor(town, here, "--peers", "nobody.invalid"), FAILED, "The peer nobody.invalid has no address")
    quiet.links[0].lose(1.0)
    says(doctor(town, here, "--peers", quiet_address), TIMEOUT, f"The peer {quiet_address} says nothing")
    Actor.start(there).publish({"type": "demo.lamp"})
    says(doctor(town, here, "--peers", address), DONE, "All is well")
    says(doctor(town, here, "--peers", "192.0.2.1"), FAILED, "The peer 192.0.2.1 cannot be reached",
         "there is no default route")


@story(waits=6)
def a_bus_whose_tcp_port_is_closed_is_noticed(town):
    _, here, there = town.two_hosts()
    actor = Actor.start(there, hold_back_ms=0, say_times="0")
    actor.publish({"type": "long", "text": "x" * 3000})  # too much for a direct answer
    town.eventually(lambda: actor.stat("sent_add") > 0, 5, "it is said, once")
    for family in ("-4", "-6"):
        ruled = there.run("ip", family, "rule", "add", "pref", "0", "ipproto", str(socket.IPPROTO_TCP), "prohibit")
        assert ruled.returncode == 0, ruled
    says(doctor(town, here, "long"), DENIED, "is heard over UDP, but its TCP port")


@story
def an_id_that_is_claimed_twice_is_noticed(town):
    here, there, actor, lamp = a_lamp_elsewhere(town)
    Actor.start(here).publish({"type": "torch"}, service_id=lamp.id)
    says(doctor(town, here), AMBIGUOUS, f"Two services claim the id '{lamp.id}'")


@story
def old_peers_are_heard_too(town):
    _, here, there = town.two_hosts()
    LegacyPeer.start(there).publish({"type": "torch"})
    done = doctor(town, here)
    says(done, DONE, "All is well: 1 service is seen")
    assert "Autobus 2" in done.stdout, done


if __name__ == "__main__":
    main()
