"""A program that tells in JSON lines what services it hears of, and does what JSON lines on its input say.

Two programs speak this: autobus-actor (the library) and legacy_peer.py (its ancestor). Commands are answered
with {"done": number, "ok": true or false, ...}; news are {"event": ..., "listener": name, "t": microseconds, ...}.
"""

import json
from dataclasses import dataclass, field

from .process import Process
from .reactor import now
from .remote import Remote


def _id(service):
    return service if isinstance(service, str) else service.id


@dataclass(frozen=True)
class Service:
    """What a witness has published."""

    id: str
    bus: str = ""
    by: "Witness" = field(default=None, compare=False, repr=False)

    def withdraw(self):
        """Take it back; the time at which that was asked for."""
        at = now()
        self.by.ask("withdraw", service=self.id, bus=self.bus)
        return at

    # What it consists of.

    def function(self, name, does=None, **more):
        """One that does echo, add, fail, sleep, drag, defer, hold or note."""
        self.by.ask("add_function", service=self.id, name=name, does=does or name, **more)

    def object(self, name, value):
        self.by.ask("add_object", service=self.id, name=name, value=value)

    def event(self, name):
        self.by.ask("add_event", service=self.id, name=name)

    def channel(self, name, stream=False):
        """One that says everything back."""
        self.by.ask("add_channel", service=self.id, name=name, stream=int(stream))

    def remove(self, what, name):
        self.by.ask("remove", service=self.id, kind=what, name=name)

    def set(self, name, value):
        """The time at which it was done."""
        at = now()
        self.by.ask("set", service=self.id, name=name, value=value)
        return at

    def fire(self, name, *arguments):
        self.by.ask("fire", service=self.id, name=name, args=list(arguments))


@dataclass(frozen=True)
class Event:
    """One thing that a listener heard."""

    what: str
    service: str
    at: float
    details: dict = field(compare=False)

    def __str__(self):
        if "host" in self.details:
            more = f"at {self.details['host']}:{self.details['port']}"
        else:
            more = f"{self.details.get('name')} {str(self.details.get('value'))[:80]} {self.details.get('error')}"
        return f"{self.at:.3f} {self.what} {self.service} {more}"


class Listener:
    """The events that one listener of a witness heard, in order, and how many the story has looked at."""

    def __init__(self, witness, name):
        self.witness = witness
        self.name = name
        self.heard = []
        self.seen = 0

    @property
    def unseen(self):
        return self.heard[self.seen:]

    def diary(self):
        """What it heard, for people: what nobody expected, and what came before."""
        first = max(0, self.seen - 15)
        lines = [f"    {event}{'' if number < self.seen else '   (not expected)'}"
                 for number, event in list(enumerate(self.heard))[first:self.seen + 25]]
        return "\n".join([f"  {self}: heard {len(self.heard)}", *lines])

    def __repr__(self):
        return f"{self.witness.label} {self.name}"


class Witness(Process):
    """A process that publishes and listens on behalf of the story."""

    def __init__(self, town, label):
        super().__init__(town, label)
        self.listeners = {}
        self._answers = {}
        self._asked = 0
        self._remotes = 0
        self.ready_at = None

    def heard(self, line):
        try:
            told = json.loads(line)
        except ValueError:
            super().heard(line)
            return
        if "done" in told:
            self._answers[told["done"]] = told
        elif "event" in told:
            self._note(told)
        elif "ready" in told:
            self.ready_at = told["t"] / 1e6
        else:
            super().heard(line)

    def _note(self, told):
        listener = self.listeners.get(told["listener"])
        if listener is not None:
            listener.heard.append(Event(told["event"], told["service"], told["t"] / 1e6, told))

    def listener(self, name):
        return self.listeners.setdefault(name, Listener(self, name))

    def is_ready(self, within=20):
        assert self.town.reactor.until(lambda: self.ready_at is not None or not self.is_running(), within) \
            and self.ready_at is not None, f"{self.label} does not start: {self.log[-2000:]}"
        return self

    def request(self, what, **details):
        """Send a command without waiting; a number for answer()."""
        self._asked += 1
        self.tell(json.dumps({"do": what, "number": self._asked, **details}))
        return self._asked

    def answer(self, number, within=20):
        """The answer to a request, whether it went well or not."""
        self.town.reactor.until(lambda: number in self._answers or self.has_ended_output, within)
        assert number in self._answers, (
            f"{self.label}: no answer within {within} s, "
            f"{'running' if self.is_running() else 'ended'}; log: {self.log[-2000:]}")
        return self._answers.pop(number)

    def ask(self, what, **details):
        """Send a command and wait until it is done; an error answer is an error of the story."""
        answer = self.answer(self.request(what, **details))
        assert answer["ok"], f"{self.label}: {what} {details}: {answer.get('error')}"
        return answer

    def publish(self, info, service_id=None, bus="bus", **more):
        """Offer a service; a type alone will do for info. `objects`: those it has from the first moment."""
        info = {"type": info} if isinstance(info, str) else info
        chosen = {"service": service_id} if service_id else {}
        return Service(self.ask("publish", bus=bus, info=info, **chosen, **more)["service"], bus, self)

    def proxy(self, bus="bus", kind="proxy", **conditions):
        """A Remote for whichever service meets the conditions."""
        filters = {"filter": conditions} if conditions else {}
        return self._remote(kind, bus=bus, **filters)

    def multi(self, bus="bus", **conditions):
        return self.proxy(bus, "multi", **conditions)

    def connect(self, service=None, bus="bus", **place):
        """A Remote for a service as it was discovered, or at host and port."""
        chosen = {"service": _id(service)} if service else {}
        return self._remote("connect", bus=bus, **chosen, **place)

    def _remote(self, what, **details):
        self._remotes += 1
        remote = Remote(self, f"remote{self._remotes}")
        remote.ask(what, **details)
        return remote

    def listen(self, bus="bus", name=None, **conditions):
        """Hear of services; conditions such as type="lamp" are the filter."""
        listener = self.listener(name or f"listener{len(self.listeners) + 1}")
        filters = {"filter": conditions} if conditions else {}
        self.ask("listen", bus=bus, listener=listener.name, **filters)
        return listener

    def enumerate(self, bus="bus", **conditions):
        """What it knows now: a list of dicts, sorted by id."""
        filters = {"filter": conditions} if conditions else {}
        return self.ask("enumerate", bus=bus, **filters)["services"]

    def quit(self, within=10):
        """An orderly end, with goodbyes; the time at which it began."""
        at = now()
        self.request("quit")
        code = self.wait(within)
        assert code == 0, f"{self.label} ended with {code}: {self.log[-2000:]}"
        return at
