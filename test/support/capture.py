"""Captures made by hand: datagrams and connections as packets that begin with their IP header, in a file that tshark
reads. And the examples of docs/protocol.md, as they would travel.

Knows the formats pcap, IPv4, UDP and TCP. Does not know Autobus, but for how the document writes its examples.
"""

import json
import os
import re
import socket
import struct
import subprocess
from pathlib import Path

from stage import hold, need

DISSECTOR = Path(__file__).resolve().parents[2] / "busd-less-tools/monitor/autobus.lua"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/protocol.md"
_BLOCK = r"^```{}\n(.*?)^```"
_HERE, _THERE = (socket.inet_aton(f"10.0.0.{last}") for last in (1, 2))
_MAGIC, _RAW_IP = 0xa1b2c3d4, 101
SYN, ACK, FIN = 0x02, 0x10, 0x01


class Capture:
    """Packets one after the other, a millisecond apart."""

    def __init__(self):
        self._records = [struct.pack("=IHHiIII", _MAGIC, 2, 4, 0, 0, 1 << 18, _RAW_IP)]
        self._connections = 0

    def _add(self, protocol, source, target, segment):
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0, 64, protocol, 0, source, target)
        time = len(self._records)
        packet = header + segment
        self._records.append(struct.pack("=IIII", time // 1000, time % 1000 * 1000, len(packet), len(packet)) + packet)

    def datagram(self, payload, ports=(40000, 52722)):
        self._add(socket.IPPROTO_UDP, _HERE, _THERE, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)

    def connection(self):
        """A new one, opened; a function that takes ("C" or "S", bytes) for each packet that one side sends."""
        self._connections += 1
        ports = {"C": (50000 + self._connections, 4000), "S": (4000, 50000 + self._connections)}
        places = {"C": (_HERE, _THERE), "S": (_THERE, _HERE)}
        sent = {"C": 0, "S": 0}

        def send(side, payload=b"", flags=ACK):
            other = "S" if side == "C" else "C"
            header = struct.pack(">HHIIBBHHH", *ports[side], sent[side], sent[other] if flags & ACK else 0, 0x50, flags,
                                 65535, 0, 0)
            sent[side] += len(payload) + (flags & SYN != 0)
            self._add(socket.IPPROTO_TCP, *places[side], header + payload)

        send("C", flags=SYN)
        send("S", flags=SYN | ACK)
        send("C")
        return send

    def write(self, path):
        Path(path).write_bytes(b"".join(self._records))


def read_by_tshark(path, *words):
    """The lines that it says of a capture, with our dissector, and whatever the user has set aside."""
    tshark = need("tshark")
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "WIRESHARK_CONFIG_DIR": str(Path(path).parent)}
    done = subprocess.run([tshark, "-n", "-r", path, "-X", f"lua_script:{DISSECTOR}", *words], env=env, text=True,
                          capture_output=True, check=False, timeout=60)
    hold(done.returncode == 0 and "Lua Error" not in done.stdout + done.stderr, done)
    return done.stdout.split("\n")[:-1]


def _blocks(word):
    return re.findall(_BLOCK.format(word), DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def datagrams():
    """Every datagram of the document."""
    return [line.replace("…", ".").encode() for block in _blocks("datagram") for line in block.splitlines()]


def conversations(word):
    """Every conversation of such blocks: a list of (side, line)."""
    said = r"^([CS]): ([{\[].*)$"
    return [[(side, line.replace('"…"', '"x"').encode() + b"\r\n")
             for side, line in re.findall(said, block, re.MULTILINE)] for block in _blocks(word)]


def _bytes_of(written):
    """`01 0a "text"` as bytes."""
    parts = re.findall(r'"(?:[^"\\]|\\.)*"|[0-9a-f]{2}', written)
    return b"".join(json.loads(part).encode() if part[0] == '"' else bytes.fromhex(part) for part in parts)


def frames():
    """The frames of the document: (side, bytes)."""
    return [(line[0], _bytes_of(line[3:])) for block in _blocks("frame") for line in block.splitlines()]
