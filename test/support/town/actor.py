"""autobus-actor: a process that uses the library, and legacy_peer.py: one that speaks like its ancestor."""

import json
import os
import sys

from .witness import Witness

_SUPPORT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Actor(Witness):
    """A program on the public API. Buses in it have names; the first is "bus"."""

    @classmethod
    def start(cls, host, bus="bus", env=None, wrapper=(), **options):
        """Start one in host. `options` are those of the library in lower case: udp_port=…, sources=…; with bus=None it
        has no bus yet."""
        arguments = [] if bus is None else ["--bus", bus, "--options", json.dumps(options)]
        actor = host.start(*wrapper, host.town.program("autobus-actor"), *arguments, env=env, label="actor", kind=cls)
        return actor.is_ready()

    def open(self, bus, **options):
        """Make a further bus in this process; its id."""
        return self.ask("open", bus=bus, options=options)["id"]

    def close(self, bus="bus"):
        self.ask("close", bus=bus)

    def stat(self, name, bus="bus"):
        return self.stats(bus)[name]

    def stats(self, bus="bus"):
        return self.ask("stats", bus=bus)["stats"]

    def ways(self):
        """How many connections to services it made, and how many of them over unix sockets."""
        stats = self.ask("stats", bus="bus")["stats"]
        return stats["bound"], stats["bound_unix"]

    def bus_id(self, bus="bus"):
        return self.ask("about", bus=bus)["id"]

    def port(self, bus="bus"):
        return self.ask("about", bus=bus)["port"]

    def interfaces(self, bus="bus"):
        return self.ask("about", bus=bus)["interfaces"]

    def settle(self, bus="bus", within=5):
        """Wait until its picture is complete."""
        return self.answer(self.request("settle", bus=bus, timeout_ms=int(within * 1000)), within + 5)


class LegacyPeer(Witness):
    """A process that behaves on the wire as Autobus 2 did. Options: silent=True, seed=…"""

    @classmethod
    def start(cls, host, **options):
        words = []
        for key, value in options.items():
            words += [f"--{key.replace('_', '-')}"] if value is True else [f"--{key.replace('_', '-')}", str(value)]
        peer = host.start(sys.executable, os.path.join(_SUPPORT, "legacy_peer.py"), *words, label="legacy", kind=cls)
        return peer.is_ready()

    def port(self):
        return self.ask("about")["port"]

    def hush(self):
        """Stop saying anything over UDP, and go on answering over TCP."""
        self.ask("hush")
