"""The using half of legacy_peer.py: a proxy for one service, as its ancestor had it.

Takes the first line it gets for the answer to its bind, watches by notifications, knows no command but `changed`,
never pings and never answers a ping, treats every value as null while it has no connection, and comes back for ever:
at growing times at first, and then without any pause.
"""

import json
import socket
import time

PATIENCE = 10.0
WAITS = (0.15, 0.23, 0.34, 0.51, 0.76, 0.28, 1.42, 1.7, 3.4, 4.6, 5.8, 12.7, 9.1)


class Client:
    """One remote of the story."""

    def __init__(self, loop, tell, locate):
        self._loop = loop
        self._tell = tell
        self._locate = locate  # answers (service, host, port) or None
        self._socket = None
        self._service = ""
        self._buffer = b""
        self.is_bound = False
        self._is_over = False
        self._tries = 0
        self._asked = 0
        self._waiting = {}   # id: what to do with the response
        self._watchers = {}  # object: listener
        self._on_bound = []
        loop.after(0, self._connect)

    def _again(self):
        if not self._is_over:
            wait = WAITS[self._tries] if self._tries < len(WAITS) else 0.0016
            self._tries += 1
            self._loop.after(wait, self._connect)

    def _connect(self):
        place = self._locate()
        if self._socket is not None or self._is_over:
            return
        if place is None:
            self._loop.after(0.05, self._connect)
            return
        self._service, host, port = place
        try:
            self._socket = socket.create_connection((host, port), PATIENCE)
        except OSError:
            self._socket = None
            self._again()
            return
        self._socket.setblocking(False)
        self._buffer = b""
        self._loop.watch(self._socket, self._readable)
        self._say(_type=1, service=self._service, _command="bind")

    def _say(self, **message):
        self._asked += 1
        message["_id"] = f"{time.time():.12g}-{self._asked}"
        try:
            self._socket.setblocking(True)
            self._socket.sendall(json.dumps(message).encode() + b"\r\n")
            self._socket.setblocking(False)
        except OSError:
            pass
        return message["_id"]

    def _readable(self):
        try:
            piece = self._socket.recv(512)
        except OSError:
            piece = b""
        lines = (self._buffer + piece).split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            if line.strip() and not self._take(line):
                self._lose()
                return
        if not piece:
            self._lose()

    def _take(self, line):
        try:
            message = json.loads(line)
            if not self.is_bound:
                return self._be_bound(message)
            if message.get("_type") == 2:
                then = self._waiting.pop(message["_id"], None)
                if then:
                    then(message)
            elif message.get("_command") == "changed":
                self._changed(message["name"], message["value"])
            return True
        except (ValueError, KeyError, AttributeError):
            return False  # it closes and comes back

    def _be_bound(self, message):
        if message.get("_error") is not None:
            return False
        self.is_bound = True
        self._tries = 0
        for then in self._on_bound:
            then()
        self._on_bound = []
        for name in self._watchers:
            self._say(_type=3, name=name, _command="watch")
        return True

    def _changed(self, name, value):
        if name in self._watchers:
            self._tell(event="value", listener=self._watchers[name], service=self._service, name=name, value=value)

    def _lose(self):
        self._loop.forget(self._socket)
        self._socket.close()
        self._socket = None
        if self.is_bound:
            self.is_bound = False
            for name, listener in self._watchers.items():
                self._tell(event="gone", listener=listener, service=self._service, name=name, value=None)
        self._again()

    # What the story asks for.

    def when_bound(self, then):
        if self.is_bound:
            then()
        else:
            self._on_bound.append(then)

    def call(self, name, arguments, then):
        self._waiting[self._say(_type=1, name=name, args=arguments, _command="call")] = then

    def send(self, name, arguments):
        self._say(_type=3, name=name, args=arguments, _command="call")

    def watch(self, name, listener):
        self._watchers[name] = listener
        if self.is_bound:
            self._say(_type=3, name=name, _command="watch")

    def close(self):
        self._is_over = True
        if self._socket is not None:
            self._loop.forget(self._socket)
            self._socket.close()
            self._socket = None
