#!/usr/bin/env python3
"""autobus-monitor in the town: what it hears where it stands, and what it does not."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, main, story  # noqa: E402

GROUP = "ff12::61:7574:6f62:7573"


class Ear:
    """A monitor on a host."""

    def __init__(self, town, host):
        self._process = host.start(town.program("autobus-monitor"), "-j")
        town.eventually(lambda: "unix sockets" in self._process.log, 10, "it says what it can see")

    def wait_for(self, text):
        self._process.wait_for_line(text.encode(), 10)

    def events(self):
        return [json.loads(line) for line in self._process.lines]

    def said_by(self, bus):
        """The datagrams of that bus; of those in pieces not all tell it."""
        datagrams = [one for one in self.events() if one["event"] == "datagram"]
        ports = {one["from"]["port"] for one in datagrams if one.get("bus") == bus}
        return [one for one in datagrams if one["from"]["port"] in ports]

    def end(self):
        self._process.terminate()
        assert self._process.wait() == 0, self._process.log


@story
def it_hears_the_calls_of_its_own_machine_and_no_others(town):
    network = town.network()
    here, there, aside = (town.host(name, network) for name in ("here", "there", "aside"))
    near, far = Ear(town, here), Ear(town, aside)
    server = Actor.start(here)
    lamp = server.publish({"type": "lamp"})
    lamp.function("echo", "echo")
    remote = Actor.start(there).proxy(type="lamp")
    remote.wait()
    assert remote.call("echo", [1, 2]) == [1, 2]
    near.wait_for('"kind":"result"')
    far.wait_for(f'"service":"{lamp.id}"')
    for ear in (near, far):
        ear.end()
    calls = [one for one in near.events() if one.get("kind") in ("call", "result")]
    assert [one["kind"] for one in calls] == ["call", "result"], calls
    assert calls[0]["from"]["host"] == there.links[0].address and calls[0]["interface"] == "eth0", calls
    assert calls[0]["to"] == {"host": here.links[0].address, "port": server.port()}, calls
    assert far.said_by(server.bus_id()) and not any(one["event"] == "message" for one in far.events()), far.events()


@story
def it_hears_each_datagram_once_by_whichever_way_and_how_long_it_is(town):
    _, here, _ = town.two_hosts()
    near = Ear(town, here)
    server = Actor.start(here)
    lamp = server.publish({"type": "lamp", "note": "x" * 4000})
    near.wait_for(f'"kind":"add","service":"{lamp.id}"')
    bus = server.bus_id()
    town.eventually(lambda: len(near.said_by(bus)) == server.stat("sent_packets"), 10,
                    "it has heard as many as were sent")
    ways = {(one["interface"], one["to"]["host"]) for one in near.said_by(bus)}
    assert {("eth0", GROUP), ("eth0", "255.255.255.255"), ("lo", "127.255.255.255")} <= ways, ways
    adds = [one for one in near.said_by(bus) if one["kind"] == "add" and one.get("service") == lamp.id]
    assert len({one["bytes"] for one in adds}) == 1 and adds[0]["bytes"] > 4000, adds
    near.end()


if __name__ == "__main__":
    main()
