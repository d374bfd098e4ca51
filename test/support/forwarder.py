#!/usr/bin/env python3
"""Carries frames between two network devices, late, twice, in another order or not at all.

    forwarder.py [--seed N] [--delay MS] [--jitter MS] [--duplicate P] [--reorder P] [--hold MS] [--loss P] ONE OTHER

Every choice comes from a generator seeded with N, one for each direction, with the same number of draws for every
frame: the n-th frame of a direction always has the same fate. Prints "forwarding" when it does. Works on packet
sockets, so that it needs no TAP device and no rights beyond a network namespace of its own; frames keep their
virtio header, so that unfinished checksums and large segments survive.
"""

import argparse
import ctypes
import heapq
import random
import select
import socket
import struct
import time

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
PACKET_MR_PROMISC = 1
LARGEST = 70000


def open_device(name):
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    device.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    device.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    device.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    everything = struct.pack("iHH8s", socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b"")
    device.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, everything)
    device.bind((name, ETH_P_ALL))
    device.setblocking(False)
    return device


class Road:
    """One direction: decides the fate of each frame, and keeps it until it is due."""

    def __init__(self, source, target, quality, seed):
        self.source = source
        self.target = target
        self._quality = quality
        self._random = random.Random(seed)
        self._under_way = []
        self._carried = 0

    def fates(self):
        """The delays in seconds after which the next frame arrives: none, one or two of them."""
        lost, twice, late, first, second = (self._random.random() for _ in range(5))
        quality = self._quality
        if lost < quality.loss:
            return []
        held = quality.hold if late < quality.reorder else 0.0
        delays = [quality.delay + quality.jitter * first + held]
        if twice < quality.duplicate:
            delays.append(quality.delay + quality.jitter * second)
        return [delay / 1000.0 for delay in delays]

    def take(self):
        """Read all that waits at the entrance."""
        while True:
            try:
                frame = self.source.recv(LARGEST)
            except (BlockingIOError, OSError):
                return
            at = time.monotonic()
            for delay in self.fates():
                self._carried += 1
                heapq.heappush(self._under_way, (at + delay, self._carried, frame))

    def deliver(self, at):
        """Send on what is due."""
        while self._under_way and self._under_way[0][0] <= at:
            frame = heapq.heappop(self._under_way)[2]
            try:
                self.target.send(frame)
            except OSError:
                pass  # a device that is down, or a frame that its kernel refuses: a cable loses it too

    def next_due(self):
        return self._under_way[0][0] if self._under_way else None


def carry(roads):
    poll = select.epoll()
    by_fd = {road.source.fileno(): road for road in roads}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    while True:
        due = [road.next_due() for road in roads if road.next_due() is not None]
        wait = max(0.0, min(due) - time.monotonic()) if due else -1
        for fd, _ in poll.poll(wait):
            by_fd[fd].take()
        at = time.monotonic()
        for road in roads:
            road.deliver(at)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    for name, what in (("delay", "ms, for all"), ("jitter", "ms more, uniform from 0"), ("hold", "ms, if reordered")):
        parser.add_argument(f"--{name}", type=float, default=0.0, help=what)
    for name in ("duplicate", "reorder", "loss"):
        parser.add_argument(f"--{name}", type=float, default=0.0, help="probability")
    parser.add_argument("one")
    parser.add_argument("other")
    quality = parser.parse_args()
    ctypes.CDLL(None).prctl(29, 1, 0, 0, 0)  # PR_SET_TIMERSLACK: a delay of 1 ms is 1 ms
    one, other = open_device(quality.one), open_device(quality.other)
    roads = [Road(one, other, quality, f"{quality.seed} there"), Road(other, one, quality, f"{quality.seed} back")]
    print("forwarding", flush=True)
    carry(roads)


if __name__ == "__main__":
    main()
