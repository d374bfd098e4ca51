"""The serving half of legacy_peer.py: what its services consist of, and the connections to them, oddities included.

A failure is told by one error, an unknown command by two; a value that is watched by a command comes twice; unwatch and
unlisten are not answered when they succeed; events are broken, unless mended. Knows nothing of UDP.
"""

import json
import time

GENERIC_ERROR = "An exception was thrown while processing that command."


class Fault(Exception):
    """What a function may do wrong beside failing with a sentence."""


def _fail(*_):
    raise ValueError("oops")


def _mute(*_):
    raise ValueError("größer")  # beyond ASCII: it is never answered


def _drop(*_):
    raise Fault  # returns what is no JSON: the connection ends


DEEDS = {"echo": lambda *given: given[0] if given else None, "add": lambda *given: sum(given), "fail": _fail,
         "nothing": lambda *_: None, "mute": _mute, "drop": _drop}


class Members:
    """The functions, objects and events of one service, and who is bound to it."""

    def __init__(self, details=None):
        self.functions = {"get_details": lambda *_: details()} if details else {"echo": DEEDS["echo"]}
        self.objects = {"details": None} if details else {}
        self.events = []
        self.bound = set()
        self._details = details

    def value(self, name):
        """Missing and null are the same."""
        return self._details() if self._details and name == "details" else self.objects.get(name)

    def set(self, name, value):
        self.objects[name] = value
        for each in list(self.bound):
            each.tell_changed(name)

    def fire(self, name, arguments):
        for each in list(self.bound):
            each.tell_fired(name, arguments)

    def described(self):
        return {"functions": {name: {} for name in self.functions}, "events": {name: {} for name in self.events},
                "objects": {name: {"doc": None} for name in self.objects}}


class Conversation:
    """One TCP connection to us: lines in, lines out, bound to one service."""

    def __init__(self, loop, connection, publisher, random_source):
        self._loop = loop
        self._socket = connection
        self._publisher = publisher
        self._random = random_source
        self._buffer = b""
        self._members = None
        self._watched, self._listened = set(), set()
        loop.watch(connection, self._readable)

    def _readable(self):
        try:
            piece = self._socket.recv(512)
        except OSError:
            piece = b""
        lines = (self._buffer + piece).split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            if line.strip() and not self._take(line):
                self._close()
                return
        if not piece:
            self._close()

    def _close(self):
        if self._members:
            self._members.bound.discard(self)
        self._loop.forget(self._socket)
        self._socket.close()

    def _take(self, line):
        """Whether the connection lives on after this line."""
        try:
            message = json.loads(line.decode())
        except (ValueError, RecursionError):
            return False
        if message is None:
            return False
        if isinstance(message, str):
            self._send({"_type": 2, "_id": message, "_error": {"text": GENERIC_ERROR}})
        if isinstance(message, dict):
            return self._obey(message)
        return True

    def _send(self, message):
        """Without a limit, however slowly it is read."""
        try:
            self._socket.setblocking(True)
            self._socket.sendall(json.dumps(message).encode() + b"\r\n")
            self._socket.setblocking(False)
        except OSError:
            pass

    def _notify(self, command, **content):
        self._send({**content, "_type": 3, "_id": f"{time.time():.12g}-n", "_command": command})

    def _answer(self, to, **content):
        if to.get("_type") != 3 and "_id" in to:
            self._send({"_type": 2, "_id": to["_id"], **content})

    def _refuse(self, to, text):
        self._answer(to, _error={"text": text})

    def _obey(self, message):
        command = message.get("_command")
        if self._members is None:
            return self._bind(message) if command == "bind" else self._refuse(message, GENERIC_ERROR) or True
        act = {"call": self._call, "ping": self._answer, "watch": self._watch, "unwatch": self._unwatch,
               "listen": self._listen, "unlisten": self._unlisten}.get(command, self._unknown)
        try:
            act(message)
        except (KeyError, TypeError):
            self._refuse(message, GENERIC_ERROR)
        except Fault:
            return False
        return True

    def _bind(self, message):
        service = message.get("service", 0)
        if "service" not in message or not isinstance(service, (str, type(None))):
            self._refuse(message, GENERIC_ERROR)
            return True
        if service not in self._publisher.services:
            if self._random.random() > 0.3:  # else it is lost on the way, because we close so soon
                self._refuse(message, "The service you attempted to bind to does not exist.")
            return False
        self._members = self._publisher.members[service]
        self._members.bound.add(self)
        self._answer(message, service=service)
        return True

    def _unknown(self, message):
        self._refuse(message, "That command does not exist." if "_command" in message else GENERIC_ERROR)
        if "_command" in message:
            self._refuse(message, GENERIC_ERROR)

    def _call(self, message):
        name, arguments = message["name"], list(message["args"])
        function = self._members.functions.get(name)
        if function is None or name.startswith("_"):
            why = "starts with an underscore" if name.startswith("_") else "does not exist"
            self._refuse(message, f"No such function: {name} {why}")
            return
        try:
            result = function(*arguments)
        except ValueError as problem:
            if str(problem).isascii():
                self._refuse(message, f"Remote function threw an exception: {type(problem)}: {problem}")
            return
        self._answer(message, result=result)

    def tell_changed(self, name):
        if name in self._watched:
            self._notify("changed", name=name, value=self._members.value(name))

    def tell_fired(self, name, arguments):
        if name in self._listened and self._publisher.is_mended:
            self._notify("fired", name=name, args=arguments)

    def _watch(self, message):
        name = message["name"]
        if name in self._watched:
            self._refuse(message, "You're already watching that object.")
            return
        self._watched.add(name)
        self._answer(message, name=name, value=self._members.value(name))
        self.tell_changed(name)

    def _unwatch(self, message):
        name = message["name"]
        if name not in self._watched:
            self._refuse(message, "You're not watching that object.")
            return
        self._watched.discard(name)
        self._notify("changed", name=name, value=None)

    def _listen(self, message):
        name = message["name"]
        if name in self._listened:
            self._refuse(message, "You're already listening for that event.")
            return
        self._listened.add(name)
        self._answer(message, name=name)
        if not self._publisher.is_mended:
            self._refuse(message, GENERIC_ERROR)

    def _unlisten(self, message):
        name = message["name"]
        if not self._publisher.is_mended:
            self._refuse(message, GENERIC_ERROR)
        elif name not in self._listened:
            self._refuse(message, "You're not listening for that event.")
        else:
            self._listened.discard(name)
