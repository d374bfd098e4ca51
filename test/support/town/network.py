"""Networks (a bridge each), the links that plug hosts into them, and everything that goes wrong with a link.

Knows bridges, veth pairs, classic BPF programs. Does not know what travels over the links.
"""

import contextlib
import os
import subprocess
import sys

from .host import Host, batch, write_setting

_RANDOM = 4294963256  # SKF_AD_OFF + SKF_AD_RANDOM
_DROP, _GO_ON = "6 0 0 2", "6 0 0 4294967295"


def _loss_program(fraction, udp_only):
    """Classic BPF for tc: drop this fraction of all frames, or of those that carry UDP."""
    threshold = min(int(fraction * 2**32), 2**32 - 1)
    chance = [f"32 0 0 {_RANDOM}", f"53 1 0 {threshold}", _DROP, _GO_ON]
    if not udp_only:
        return ",".join([str(len(chance))] + chance)
    is_udp = ["40 0 0 12", "21 0 2 2048", "48 0 0 23", "21 3 6 17",   # IPv4, protocol
              "21 0 5 34525", "48 0 0 20", "21 0 3 17"]               # IPv6, next header
    return ",".join([str(len(is_udp + chance))] + is_udp + chance)


class Network:
    """A broadcast domain: 10.N.0.0/16 on a bridge of its own."""

    def __init__(self, number):
        self.number = number
        self.bridge = f"bridge{number}"
        self._plugged = 0
        batch([f"link add {self.bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
               f"link set {self.bridge} up"])
        with contextlib.suppress(OSError):
            write_setting(f"net/ipv6/conf/{self.bridge}/disable_ipv6", 1)

    def next_address(self):
        self._plugged += 1
        return self.address(self._plugged)

    def address(self, index):
        return f"10.{self.number}.{index >> 8}.{index & 255}"

    @property
    def broadcast(self):
        return f"10.{self.number}.255.255"


class Link:
    """A cable between a host's interface and a network. It can be cut, healed, lossy, gone and back."""

    _made = 0

    def __init__(self, host, network, address=None, through=None):
        Link._made += 1
        self.host = host
        self.network = network
        self.number = Link._made
        self.port = f"port{self.number}"
        self.address = address or network.next_address()
        self.name = f"eth{len(host.links)}"
        self._through = through
        self._forwarder = None
        host.links.append(self)
        self.create()

    def create(self, address=None):
        """Make the device (again), plug it in and give it its address."""
        self.address = address or self.address
        home = Host.home_network()
        with self.host.inside():
            batch([f"link add {self.name} type veth peer name {self.port} netns /proc/self/fd/{home}"],
                  passed=(home,))
        self._plug()
        self.host.ip(f"link set {self.name} up", f"addr add {self.address}/16 brd + dev {self.name}",
                     *self._default_route())
        self.host.town.reactor.until(self.is_up, 30)
        assert self.is_up(), f"{self.name} of {self.host} does not come up: the kernel is busy"

    def is_up(self):
        """Frames pass: both ends have noticed the other, and the bridge forwards. That comes a
        moment after the commands, or seconds on a machine that tears many namespaces down."""
        port = subprocess.run(["bridge", "link", "show", "dev", self._bridge_side()],
                              capture_output=True, text=True, check=False).stdout
        ours = self.host.run("ip", "-o", "link", "show", "dev", self.name).stdout
        return "state forwarding" in port and "state UP" in ours

    def _default_route(self):
        if self.host.town.default_routes and self.host.links[0] is self:
            return [f"route replace default via {self.network.address(254)} dev {self.name}"]
        return []

    def _plug(self):
        with contextlib.suppress(OSError):
            write_setting(f"net/ipv6/conf/{self.port}/disable_ipv6", 1)
        if self._through is None:
            batch([f"link set {self.port} master {self.network.bridge} up"])
            return
        near, far = f"near{self.number}", f"far{self.number}"
        batch([f"link set {self.port} up", f"link add {near} type veth peer name {far}",
               f"link set {far} master {self.network.bridge} up", f"link set {near} up"])
        for device in (near, far):
            with contextlib.suppress(OSError):
                write_setting(f"net/ipv6/conf/{device}/disable_ipv6", 1)
        self._forwarder = self._through.start(self.host.town, self.port, near)

    # What goes wrong.

    def delete(self):
        """The device disappears from the host, as when a USB adapter is pulled."""
        self.host.ip(f"link del {self.name}")

    def cut(self):
        """Nothing passes any more and nobody is told: no carrier goes away."""
        batch([f"link set {self._bridge_side()} nomaster"])

    def heal(self):
        batch([f"link set {self._bridge_side()} master {self.network.bridge}"])
        self.host.town.reactor.until(self.is_up, 30)

    def carrier(self, is_on):
        """The host sees its cable pulled, or plugged in again."""
        batch([f"link set {self.port} {'up' if is_on else 'down'}"])

    def lose(self, fraction, udp_only=False, ways=("ingress", "egress")):
        """Drop this fraction of the frames, in the directions seen from the network: egress is to the host."""
        self.lose_nothing()
        commands = [f"qdisc add dev {self.port} clsact"]
        commands += [f'filter add dev {self.port} {way} bpf da bytecode "{_loss_program(fraction, udp_only)}"'
                     for way in ways]
        subprocess.run(["tc", "-batch", "-"], input="\n".join(commands) + "\n", text=True, check=True)

    def lose_nothing(self):
        subprocess.run(["tc", "qdisc", "del", "dev", self.port, "clsact"], check=False,
                       stderr=subprocess.DEVNULL)

    def _bridge_side(self):
        return self.port if self._through is None else f"far{self.number}"


class Forwarder:
    """A road of a given quality, for Host.plug(through=...): see test/support/forwarder.py."""

    _script = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "forwarder.py")

    def __init__(self, **quality):
        self.quality = quality

    def start(self, town, one, other):
        """Start forwarding between two devices of the story's own namespace; returns when it does."""
        options = [word for key, value in self.quality.items() for word in (f"--{key}", str(value))]
        process = town.start_at_home(sys.executable, self._script, *options, one, other, label="forwarder")
        process.wait_for_line(b"forwarding", within=10)
        return process
