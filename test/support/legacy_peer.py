#!/usr/bin/env python3
"""A stand-in for a process of Autobus 2 (2011-2013), which on the wire does what that did, oddities included.

    legacy_peer.py [--port N] [--seed N] [--mended]

Two UDP sockets share the discovery port, one for add and remove, one for query. Everything is said to 127.255.255.255
and 255.255.255.255 from a third socket that nobody reads. Services that fall silent are probed over TCP. Commands
come as JSON lines on standard input, news go as JSON lines to standard output, as with autobus-actor.
"""

import argparse
import errno
import heapq
import itertools
import json
import os
import random
import selectors
import socket
import sys
import time

from legacy_client import Client
from legacy_service import DEEDS, Conversation, Members

QUERY_TIMES = (0.1, 0.6, 1.6, 3.6, 7.6, 14.6)
EXPIRY_CHECK, STALE, PROBE_PATIENCE = 12.0, 30.0, 10.0
NEAR, FAR = "127.255.255.255", "255.255.255.255"


def tell(**news):
    """One line for whoever watches us."""
    print(json.dumps({**news, "t": time.monotonic_ns() // 1000}), flush=True)


class Loop:
    """Timers and readiness, in one thread."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self._timers = []
        self._order = itertools.count()
        self.is_over = False

    def after(self, seconds, function):
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), function))

    def watch(self, what, function, events=selectors.EVENT_READ):
        self.selector.register(what, events, function)

    def forget(self, what):
        self.selector.unregister(what)

    def run(self):
        while not self.is_over:
            wait = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for key, _ in self.selector.select(wait):
                key.data()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()


class Air:
    """The UDP side of a process: what it says, and its two ears on the shared port."""

    def __init__(self, loop, port, on_announcement, on_query):
        self.port = port
        self.is_hushed = False
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for function in (on_announcement, on_query):  # the last one bound gets all unicasts, and drops add
            ear = self._open_ear(port)
            loop.watch(ear, lambda ear=ear, function=function: self._listen(ear, function))

    @staticmethod
    def _open_ear(port):
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        ear.bind(("", port))
        ear.setblocking(False)
        return ear

    @staticmethod
    def _listen(ear, function):
        try:
            packet, source = ear.recvfrom(16384)
            message = json.loads(packet.decode())
            function(message["command"], message, source[0])
        except BlockingIOError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError) as complaint:
            print(f"bad packet: {complaint!r}", file=sys.stderr, flush=True)

    def say(self, message, order=(NEAR, FAR)):
        if self.is_hushed:
            return
        packet = json.dumps(message).encode()
        for address in order:
            try:
                self._mouth.sendto(packet, (address, self.port))
            except OSError:
                pass  # no route: ignored, as ever


class Discoverer:
    """Who is there: services by id, each with its locations in the order in which they were found."""

    def __init__(self, loop, random_source):
        self._loop = loop
        self._random = random_source
        self._services = {}
        self._listeners = {}
        loop.after(EXPIRY_CHECK, self._check)

    def listen(self, name, conditions):
        self._listeners[name] = conditions
        for service in self._services:
            self._tell_one("appeared", service, name, conditions)

    def hear(self, command, message, host):
        if command == "add":
            self._add(message["service"], (host, message["port"]), message["info"])
        elif command == "remove":
            self._remove(message["service"], (host, message["port"]))

    def _add(self, service, location, info):
        known = self._services.get(service)
        if known is None:
            self._services[service] = {"info": dict(info), "locations": {location: time.monotonic()}}
            self._tell("appeared", service)
            return
        if known["info"] != info:
            print(f"info of {service} differs; keeping the first", file=sys.stderr, flush=True)
        known["locations"][location] = time.monotonic()

    def _remove(self, service, location):
        known = self._services.get(service)
        if known is None or location not in known["locations"]:
            return
        was_first = next(iter(known["locations"])) == location
        if len(known["locations"]) == 1:
            self._tell("left", service)
            del self._services[service]
            return
        del known["locations"][location]
        if was_first:
            self._tell("changed", service)

    def _check(self):
        self._loop.after(EXPIRY_CHECK, self._check)
        limit = time.monotonic() - STALE
        for service, known in list(self._services.items()):
            for location, heard in list(known["locations"].items()):
                if heard < limit:
                    Probe(self._loop, service, location, self._remove)

    def list(self, conditions):
        return [self._completed(service) for service in self._services if self._passes(service, conditions)]

    def _completed(self, service):
        known = self._services[service]
        host, port = next(iter(known["locations"]))
        return {"service": service, "host": host, "port": port,
                "info": {**known["info"], "host": host, "port": port, "service": service},
                "locations": [list(location) for location in known["locations"]]}

    def _passes(self, service, conditions):
        info = self._completed(service)["info"]
        if conditions is None:
            return not str(info.get("type", "")).startswith("autobus.")
        return all(key in info and info[key] == value for key, value in conditions.items())

    def _tell(self, event, service):
        for name, conditions in self._listeners.items():
            self._tell_one(event, service, name, conditions)

    def _tell_one(self, event, service, name, conditions):
        if self._passes(service, conditions):
            tell(event=event, listener=name, **self._completed(service))


class Probe:
    """Connects, binds, waits for an answer and closes. A success renews nothing."""

    def __init__(self, loop, service, location, on_death):
        self._loop = loop
        self._death = lambda: on_death(service, location)
        self._bind = {"_type": 1, "_id": f"{time.time():.12g}-0", "service": service, "_command": "bind"}
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._got = b""
        self._is_over = False
        try:
            refused = self._socket.connect_ex((location[0], int(location[1]))) not in (0, errno.EINPROGRESS)
        except (OSError, ValueError, TypeError, OverflowError):
            refused = True
        loop.watch(self._socket, self._connected, selectors.EVENT_WRITE)
        loop.after(PROBE_PATIENCE, lambda: self._finish(False))
        if refused:
            self._finish(False)

    def _connected(self):
        self._loop.forget(self._socket)
        self._loop.watch(self._socket, self._answered)
        try:
            self._socket.sendall(json.dumps(self._bind).encode() + b"\r\n")
        except OSError:
            self._finish(False)

    def _answered(self):
        try:
            piece = self._socket.recv(512)
        except OSError:
            piece = b""
        self._got += piece
        if b"\n" in self._got or not piece:
            self._finish(self._is_good(self._got.partition(b"\n")[0]) if piece else False)

    @staticmethod
    def _is_good(line):
        """Whatever comes first is the response, of whatever id."""
        try:
            return json.loads(line).get("_error") is None
        except (ValueError, AttributeError):
            return False

    def _finish(self, is_alive):
        if self._is_over:
            return
        self._is_over = True
        self._loop.forget(self._socket)
        self._socket.close()
        if not is_alive:
            self._death()


class Publisher:
    """Our services: announced when created, when asked, and every 10 to 15 seconds."""

    def __init__(self, loop, air, tcp_port, random_source, is_mended):
        self.services = {}
        self.members = {}
        self.is_mended = is_mended
        self._loop = loop
        self._air = air
        self._port = tcp_port
        self._random = random_source
        self._count = itertools.count(1)
        self._next_round = 0.0
        self._tick()

    def _tick(self):
        self._loop.after(1.0, self._tick)
        if time.monotonic() >= self._next_round:
            self._announce_all()
            self._next_round = time.monotonic() + 10.0 + self._random.uniform(0.0, 5.0)

    def _announce_all(self):
        for service in self.services:
            self._announce(service)

    def _announce(self, service):
        self._air.say({"info": self.services[service], "command": "add", "port": self._port, "service": service})

    def publish(self, info, service=None):
        name = socket.gethostname()
        service = service or f"{time.time():.12g}-{next(self._count)}-{name}-{self._random.random():.12g}"
        self.services[service] = {**info, "hostname": name}
        self.members[service] = Members(self.details if info.get("type") == "autobus.details" else None)
        self._announce(service)
        return service

    def details(self):
        return {service: {"info": info, **self.members[service].described()}
                for service, info in self.services.items()}

    def withdraw(self, service):
        del self.services[service]
        self._air.say({"command": "remove", "port": self._port, "service": service}, (FAR, NEAR))

    def hear(self, command, _message, _host):
        if command == "query":
            self._announce_all()


class Peer:
    """The whole process."""

    def __init__(self, options):
        self._random = random.Random(options.seed)
        self._loop = Loop()
        server = socket.create_server(("", 0), backlog=64)
        server.setblocking(False)
        self._port = server.getsockname()[1]
        self._discoverer = Discoverer(self._loop, self._random)
        self._air = Air(self._loop, options.port, self._discoverer.hear, lambda *heard: self._publisher.hear(*heard))
        self._publisher = Publisher(self._loop, self._air, self._port, self._random, options.mended)
        self._clients = {}
        self._publisher.publish({"type": "autobus.details", "pid": os.getpid()})
        self._loop.watch(server, lambda: self._accept(server))
        self._input = b""
        self._loop.watch(sys.stdin, self._read_commands)
        for at in QUERY_TIMES:
            self._loop.after(at, lambda: self._air.say({"command": "query"}))

    def _accept(self, server):
        try:
            connection, _ = server.accept()
        except OSError:
            return
        connection.setblocking(False)
        Conversation(self._loop, connection, self._publisher, self._random)

    def _read_commands(self):
        piece = os.read(0, 65536)
        lines = (self._input + piece).split(b"\n")
        self._input = lines.pop()
        for line in lines:
            self._command(json.loads(line))
        if not piece:
            self._loop.is_over = True

    def _command(self, command):
        later = getattr(self, f"_later_{command['do']}", None)
        if later:
            later(command, lambda **answer: tell(**{"done": command["number"], "ok": True, **answer}))
            return
        act = getattr(self, f"_do_{command['do']}")
        tell(done=command["number"], ok=True, **(act(command) or {}))

    def _do_publish(self, command):
        service = self._publisher.publish(command["info"], command.get("service"))
        self._publisher.members[service].objects.update(command.get("objects", {}))
        return {"service": service}

    def _members(self, command):
        return self._publisher.members[command["service"]]

    def _do_add_function(self, command):
        self._members(command).functions[command["name"]] = DEEDS[command["does"]]

    def _do_add_object(self, command):
        self._members(command).set(command["name"], command["value"])

    _do_set = _do_add_object

    def _do_add_event(self, command):
        self._members(command).events.append(command["name"])

    def _do_fire(self, command):
        self._members(command).fire(command["name"], command["args"])

    def _do_proxy(self, command):
        def locate():
            found = self._discoverer.list(command.get("filter"))
            return (found[0]["service"], found[0]["host"], found[0]["port"]) if found else None
        self._clients[command["remote"]] = Client(self._loop, tell, locate)

    def _do_connect(self, command):
        place = (command["service"], command["host"], command["port"])
        self._clients[command["remote"]] = Client(self._loop, tell, lambda: place)

    def _client(self, command):
        return self._clients[command["remote"]]

    def _later_wait(self, command, answer):
        self._client(command).when_bound(answer)

    def _later_call(self, command, answer):
        def then(response):
            error = response.get("_error")
            answer(**({"value": response["result"]} if error is None else
                      {"ok": False, "result": "remote error", "error": error["text"]}))
        client = self._client(command)
        client.when_bound(lambda: client.call(command["name"], command["args"], then))

    def _do_send(self, command):
        self._client(command).send(command["name"], command["args"])
        return {"count": 1}

    def _do_bound(self, command):
        return {"bound": int(self._client(command).is_bound)}

    def _do_watch(self, command):
        self._client(command).watch(command["name"], command["listener"])

    def _do_forget(self, command):
        self._clients.pop(command["remote"]).close()

    def _do_withdraw(self, command):
        self._publisher.withdraw(command["service"])

    def _do_listen(self, command):
        self._discoverer.listen(command["listener"], command.get("filter"))

    def _do_enumerate(self, command):
        return {"services": sorted(self._discoverer.list(command.get("filter")), key=lambda one: one["service"])}

    def _do_about(self, _command):
        return {"port": self._port}

    def _do_hush(self, _command):
        self._air.is_hushed = True

    def _do_quit(self, _command):
        for service in list(self._publisher.services):
            self._publisher.withdraw(service)
        self._loop.is_over = True

    def run(self):
        tell(ready=True)
        self._loop.run()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=52722)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mended", action="store_true", help="its events work")
    Peer(parser.parse_args()).run()


if __name__ == "__main__":
    main()
