"""A host: namespaces that look like a machine of its own, and what can be done inside.

Knows namespaces, addresses and how to run programs in there. Does not know what hangs at the other end of its
interfaces: that is network.py.
"""

import contextlib
import os
import shlex
import socket
import struct
import subprocess

from . import kernel, transport
from .process import Process
from .sandbox import Unavailable

_KINDS = (("net", kernel.CLONE_NEWNET), ("mnt", kernel.CLONE_NEWNS), ("uts", kernel.CLONE_NEWUTS))

# What programs of one host share with each other and with no other host.
PRIVATE_FOLDERS = ("/run/avahi-daemon", "/run/dbus", "/run/autobus")


def _open_own():
    return {kind: os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind, _ in _KINDS}


def write_setting(path, value):
    """Set a kernel parameter of the current network namespace, such as net/ipv4/ip_forward."""
    with open(f"/proc/sys/{path}", "w", encoding="ascii") as file:
        file.write(str(value))


class Host:
    """One machine of the town."""

    _home = None  # the namespaces of the story itself, where the bridges are

    def __init__(self, town, name):
        self.town = town
        self.name = name
        self.links = []
        self.processes = []
        self.environment = transport.surroundings()
        if Host._home is None:
            Host._home = _open_own()
        kernel.unshare(sum(flag for _, flag in _KINDS))
        try:
            self._furnish()
            self._spaces = _open_own()
        finally:
            self._go(Host._home)

    def _furnish(self):
        kernel.sethostname(self.name)
        for folder in PRIVATE_FOLDERS:
            kernel.mount("none", folder, "tmpfs", 0, "mode=0755")
        quicken_ipv6()
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    @staticmethod
    def _go(spaces):
        for kind, flag in _KINDS:
            kernel.setns(spaces[kind], flag)

    @contextlib.contextmanager
    def inside(self):
        """The calling code, the sockets it opens and the processes it starts are in this host."""
        self._go(self._spaces)
        try:
            yield self
        finally:
            self._go(Host._home)

    @staticmethod
    def home_network():
        """A descriptor of the namespace of the bridges."""
        return Host._home["net"]

    def ip(self, *commands):
        """Run `ip` commands in this host, all in one go."""
        with self.inside():
            batch(commands)

    def run(self, *argv, env=None, timeout=30):
        """Run a program to its end; a CompletedProcess with text output, whatever its exit code."""
        with self.inside():
            started = subprocess.Popen(argv, env=self.town.surroundings(self, env), text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = started.communicate(timeout=timeout)
        return subprocess.CompletedProcess(argv, started.returncode, out, err)

    def start(self, *argv, env=None, label=None, kind=Process):
        """Start a program that goes on; a Process."""
        label = label or os.path.basename(argv[0])
        process = kind(self.town, f"{self.name}/{label}")
        with self.inside():
            process.launch(argv, self.town.surroundings(self, env))
        self.processes.append(process)
        return process

    def socket(self, *arguments):
        """A Python socket that lives in this host."""
        with self.inside():
            return socket.socket(*arguments)

    def say(self, payload, to, port=52722, ttl=None):
        """Send one UDP datagram from this host, broadcasts included."""
        with self.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
            speaker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if ttl is not None:
                speaker.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            speaker.sendto(payload.encode() if isinstance(payload, str) else payload, (to, port))

    def forge(self, payload, source, to, port=52722, ttl=64):
        """Send one UDP datagram that claims to come from another address."""
        body = payload.encode() if isinstance(payload, str) else payload
        udp = struct.pack("!HHHH", 40000, port, 8 + len(body), 0) + body
        addresses = socket.inet_aton(source) + socket.inet_aton(to)
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, ttl, 17, 0) + addresses
        with self.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as mouth:
            mouth.sendto(header + udp, (to, 0))

    def without_ipv6(self):
        """Turn IPv6 off, so that the IPv4 addresses are all there is."""
        with self.inside():
            for where in ("all", "default"):
                write_setting(f"net/ipv6/conf/{where}/disable_ipv6", 1)

    def forward(self):
        """Make this host a router."""
        with self.inside():
            try:
                write_setting("net/ipv4/ip_forward", 1)
            except OSError as problem:
                raise Unavailable(f"a router cannot be made here ({problem})") from None

    def __repr__(self):
        return self.name


def quicken_ipv6():
    """Link-local addresses without the second or two of duplicate detection."""
    for where in ("all", "default"):
        with contextlib.suppress(OSError):
            write_setting(f"net/ipv6/conf/{where}/accept_dad", 0)


def batch(commands, passed=()):
    """Run `ip` commands in the current namespace; a wrong one is an error of the story."""
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(commands) + "\n", text=True,
                          capture_output=True, check=False, pass_fds=passed)
    if done.returncode != 0:
        raise RuntimeError(f"ip: {done.stderr.strip()} in {[shlex.join([c]) for c in commands]}")
