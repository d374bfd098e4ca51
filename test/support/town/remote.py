"""A remote of a witness: a connection or a proxy in its program, used on behalf of the story."""

from .reactor import now


class Remote:
    """Asks its program to call, watch and listen; what it hears arrives at listeners, as everything does."""

    def __init__(self, witness, name):
        self.witness = witness
        self.name = name

    def ask(self, what, **details):
        return self.witness.ask(what, remote=self.name, **details)

    def wait(self, within=5):
        """Until it is bound; how long that took."""
        began = now()
        self.ask("wait", timeout_ms=int(within * 1000))
        return now() - began

    def bound(self):
        return self.ask("bound")["bound"]

    def call(self, function, *arguments, within=5):
        """The value of an answer; an error of the story if there is none."""
        return self.ask("call", name=function, args=list(arguments), timeout_ms=int(within * 1000))["value"]

    def begin(self, function, *arguments, within=5):
        """The same without waiting; for answer()."""
        return self.witness.request("call", remote=self.name, name=function, args=list(arguments),
                                    timeout_ms=int(within * 1000))

    def outcome(self, function, *arguments, within=5):
        """What the call came to: ("ok", value), or (why, sentence)."""
        answer = self.witness.answer(self.begin(function, *arguments, within=within), within + 10)
        return ("ok", answer["value"]) if answer["ok"] else (answer["result"], answer["error"])

    def send(self, function, *arguments):
        """How many services took it."""
        return self.ask("send", name=function, args=list(arguments))["count"]

    def start(self, function, *arguments, within=5, **more):
        """Calls asynchronously; the listener of its answers."""
        return self._listening("ask", function, args=list(arguments), timeout_ms=int(within * 1000), **more)

    def watch(self, thing, listener=None):
        return self._listening("watch", thing, listener)

    def listen(self, event, listener=None):
        return self._listening("hear", event, listener)

    def states(self):
        return self._listening("state", "")

    def _listening(self, what, name, listener=None, **more):
        heard = self.witness.listener(listener or f"{what}{len(self.witness.listeners) + 1}")
        self.ask(what, name=name, listener=heard.name, **more)
        return heard

    def storm(self, function, **how):
        """Calls from many threads; a listener that hears "stormed" once."""
        return self._listening("storm", function, **how)

    def stop_storm(self):
        """A storm that may make more calls than it must makes no more."""
        self.ask("stop_storm")

    def open(self, channel, **more):
        """A channel; a listener of what comes by it. Its name is for say(), write() and the like."""
        heard = self.witness.listener(f"channel{len(self.witness.listeners) + 1}")
        self.ask("open_channel", name=channel, channel=heard.name, **more)
        return heard

    def close(self):
        self.ask("disconnect")

    def forget(self):
        self.ask("forget")
