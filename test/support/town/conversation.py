"""A TCP connection to a bus, held by hand from one of the hosts: lines of JSON out and in."""

import json
import socket


class Conversation:
    """Speaks the protocol as `nc` would. Waits five seconds for an answer and no longer."""

    def __init__(self, host, address, port):
        name, _, interface = address.partition("%")
        is_ipv6 = ":" in name
        self._socket = host.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET)
        self._socket.settimeout(5)
        with host.inside():
            scope = socket.if_nametoindex(interface) if interface else 0
        self._socket.connect((name, port, 0, scope) if is_ipv6 else (name, port))
        self._lines = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def ask(self, message):
        """Send one message; the next one that comes back."""
        self.send(json.dumps(message).encode() + b"\r\n")
        return self.next()

    def next(self):
        while b"\n" not in self._lines:
            piece = self._socket.recv(65536)
            assert piece, f"closed, with {self._lines!r} before"
            self._lines += piece
        line, _, self._lines = self._lines.partition(b"\n")
        return json.loads(line)

    def rest(self):
        """Everything until the other end closes."""
        told = self._lines
        try:
            while piece := self._socket.recv(65536):
                told += piece
        except ConnectionResetError:
            pass
        except socket.timeout:
            raise AssertionError("it does not close") from None
        return told
