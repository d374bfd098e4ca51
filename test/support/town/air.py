"""What is said over UDP in a host's hearing: for stories that look at packets, or forge them.

Knows the shared port and JSON. Broadcasts reach it as they reach everybody who listens there.
"""

import json
import socket

from .reactor import now


class Air:
    """An ear on the discovery port of one host."""

    def __init__(self, host, port=52722):
        self._host = host
        self._ear = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._ear.bind(("", port))
        self._ear.setblocking(False)
        self.messages = []

    def listen(self):
        """Take in what has been said; everything so far, as (message, source address)."""
        try:
            while True:
                packet, source = self._ear.recvfrom(65536)
                self.messages.append((json.loads(packet), source[0]))
        except BlockingIOError:
            return self.messages

    def last_of(self, bus, within=2):
        """The newest message of a bus that tells its state."""
        deadline = now() + within
        while True:
            told = [message for message, _ in self.listen()
                    if message.get("bus") == bus and "seq" in message]
            if told:
                return told[-1]
            assert now() < deadline, f"nothing heard of bus {bus} within {within} s"
            self._host.town.reactor.idle(0.05)
