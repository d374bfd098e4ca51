"""A peer that says what no honest one would: a service on the wire whose every name, sentence and value is what the
test likes, and whose refusals carry any code; or one that is no bus at all. Whoever needs it to be found announces it.

Speaks lines over TCP, to each connection in a thread of its own; knows nothing of UDP, nor of the tools.
"""

import json
import socket
import threading


class Villain:
    """Answers every call with `result`, or with an error of `code` that says `text`; the bus itself with `bus_result`,
    if there is one. Fires and changes whatever is listened to or watched, and hangs up then if told so; opens every
    channel, talks on it and closes it, at once if there is a `code`. With a `greeting` it says that to each guest and
    nothing else; if it is mute, nothing at all."""

    def __init__(self, stage, text="", result=None, code=None, bus_result=None, hangs_up=False, is_mute=False,
                 greeting=b""):
        self._text = text
        self._result = text if result is None else result
        self._code = code
        self._bus_result = bus_result
        self._hangs_up = hangs_up
        self._is_mute = is_mute
        self._greeting = greeting
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._lock = threading.Lock()
        self._guests = []
        self._doorman = threading.Thread(target=self._welcome, daemon=True)
        self._doorman.start()
        stage.at_the_end(self.close)

    def _welcome(self):
        while True:
            try:
                guest, _ = self._door.accept()
            except OSError:
                return  # shut
            with self._lock:
                self._guests.append(guest)
            threading.Thread(target=self._serve, args=(guest,), daemon=True).start()

    def _serve(self, guest):
        bound = None
        try:
            if self._greeting:
                guest.sendall(self._greeting)
                return
            if self._is_mute:
                guest.recv(1 << 20)
                return
            with guest.makefile("rb") as lines:
                for line in lines:
                    message = json.loads(line)
                    if message.get("_command") == "bind":
                        bound = message.get("service")
                        self._answer(guest, message, service=bound, bus="00000000deadbeef")
                    else:
                        self._obey(guest, message, bound)
        except (OSError, ValueError):
            pass  # whoever was there has gone

    def _obey(self, guest, message, bound):
        command, name = message.get("_command"), message.get("name")
        if command == "call" and bound in (None, "autobus") and self._bus_result is not None:
            self._answer(guest, message, result=self._bus_result)
        elif command == "call":
            self._answer_call(guest, message)
        elif command == "watch":
            self._notify(guest, "changed", name=name, value=self._result)
        elif command == "listen":
            self._notify(guest, "fired", name=name, args=[self._result])
        elif command == "open":
            self._talk(guest, message)
        elif command == "ping":
            self._answer(guest, message)
        if self._hangs_up and command in ("watch", "listen"):
            self._notify(guest, "unbound", text=self._text)
            guest.shutdown(socket.SHUT_RDWR)

    def _answer_call(self, guest, message):
        if self._code:
            self._answer(guest, message, _error={"text": self._text, "code": self._code})
        else:
            self._answer(guest, message, result=self._result)

    def _talk(self, guest, message):
        channel = message["channel"]
        if self._code:
            self._notify(guest, "close", channel=channel, text=self._text, code=self._code)
            return
        self._notify(guest, "opened", channel=channel, credit=65536)
        self._notify(guest, "data", channel=channel, value=self._result)
        self._notify(guest, "close", channel=channel, text=self._text)

    @staticmethod
    def _send(guest, **message):
        guest.sendall(json.dumps(message).encode() + b"\r\n")

    def _answer(self, guest, message, **content):
        if "_id" in message and message.get("_type") != 3:
            self._send(guest, _type=2, _id=message["_id"], **content)

    def _notify(self, guest, command, **content):
        self._send(guest, _type=3, _id="0", _command=command, **content)

    @property
    def place(self):
        return f"127.0.0.1:{self.port}/villain"

    def close(self):
        self._door.shutdown(socket.SHUT_RDWR)  # a door that is closed while somebody waits at it could be the next one
        self._doorman.join()
        self._door.close()
        with self._lock:
            for guest in self._guests:
                guest.close()
