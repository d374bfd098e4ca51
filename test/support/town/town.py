"""A town: the hosts and networks of one story, and everything that runs in them."""

import os
import re
import subprocess

from . import expectation, kernel, transport
from .host import PRIVATE_FOLDERS, Host, quicken_ipv6
from .network import Link, Network
from .process import Process
from .reactor import Reactor
from .sandbox import Unavailable
from .witness import Witness


# What the sanitizers write, of a process that may have been killed before it could exit with it.
_COMPLAINT = re.compile(r"(WARNING|ERROR): \w+Sanitizer|runtime error:")

_SUPPRESSIONS = "/run/town/sanitizer"


class Town:
    """Exists once in a sandbox; ends with it."""

    def __init__(self, build, scale=1.0, seed=1):
        self.build = build
        self.scale = scale
        self.seed = seed
        self.reactor = Reactor()
        self.hosts = []
        self.processes = []
        self.default_routes = True
        self._networks = 0
        self._numbers = 0
        kernel.mount("none", "/run", "tmpfs", 0, "mode=0755")
        for folder in ("/run/town", *PRIVATE_FOLDERS):
            os.mkdir(folder)
        with open(_SUPPRESSIONS, "w", encoding="ascii") as file:
            file.write("deadlock:libdbus-1.so\n")  # it locks in two orders by itself
        quicken_ipv6()
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def next_number(self):
        self._numbers += 1
        return self._numbers

    # Building it.

    def network(self):
        self._networks += 1
        return Network(self._networks)

    def host(self, name, *networks, through=None):
        """A host with an interface in each of these networks. Where connections are to go over unix sockets, all hosts
        of the story are one."""
        if transport.is_unix() and self.hosts:
            return self.hosts[0]
        host = Host(self, name)
        self.hosts.append(host)
        for network in networks:
            self.plug(host, network, through=through)
        return host

    def plug(self, host, network, address=None, through=None):
        """One more interface for a host; the Link."""
        return Link(host, network, address, through)

    def two_hosts(self):
        """The smallest town: (network, one, other)."""
        network = self.network()
        return network, self.host("one", network), self.host("other", network)

    def router(self, one, other):
        """A host that forwards between two networks, and is the default route in both."""
        router = Host(self, "router")
        self.hosts.append(router)
        self.plug(router, one, one.address(254))
        self.plug(router, other, other.address(254))
        router.forward()
        return router

    # Programs.

    def program(self, name):
        path = os.path.join(self.build, name)
        if os.access(path, os.X_OK):
            return path
        for folder, _, files in os.walk(self.build):
            if name in files and os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
        raise AssertionError(f"no {name} in {self.build}: build it, or say --build DIR")

    @staticmethod
    def surroundings(host, env=None):
        """The environment of a program: nothing of ours that changes how the library behaves."""
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith("AUTOBUS_") and key not in ("XDG_RUNTIME_DIR", "DBUS_SYSTEM_BUS_ADDRESS")}
        kept["TSAN_OPTIONS"] = f"{kept.get('TSAN_OPTIONS', '')} suppressions={_SUPPRESSIONS}".strip()
        return {**kept, **(host.environment if host else {}), **(env or {})}

    def start_at_home(self, *argv, label):
        """Start a program that belongs to no host, such as a forwarder."""
        process = Process(self, label)
        process.launch(argv, self.surroundings(None))
        return process

    def needs(self, program):
        """Skip the story where this program is missing."""
        for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/sbin"]:
            if os.access(os.path.join(folder, program), os.X_OK):
                return os.path.join(folder, program)
        raise Unavailable(f"{program} is not installed")

    # Looking at it.

    def listeners(self):
        return [listener for process in self.processes if isinstance(process, Witness)
                for listener in process.listeners.values()]

    def close(self):
        """Everybody goes home: each program that still runs ends in order, and none has complained."""
        self.reactor.pump(0)
        leaving = [process for process in self.processes
                   if isinstance(process, Witness) and process.is_running()]
        transport.check(leaving)
        for process in leaving:
            process.request("quit")
        for process in leaving:
            code = process.wait(within=20)
            assert code == 0, f"{process.label} ended with {code}: {process.log[-4000:]}"
        for process in self.processes:
            complaint = _COMPLAINT.search(process.log)
            assert complaint is None, f"{process.label}: {process.log[complaint.start():][:4000]}"

    def quiet(self, seconds):
        expectation.quiet(self, seconds)

    def eventually(self, condition, within, what):
        expectation.eventually(self, condition, within, what)

    def report(self):
        """What everybody heard and wrote, for the reader of a failure."""
        parts = [listener.diary() for listener in self.listeners()]
        for process in self.processes:
            if log := process.log.strip():
                parts.append(f"  log of {process.label}:\n    " + "\n    ".join(log.splitlines()[-25:]))
        return "\n".join(parts)
