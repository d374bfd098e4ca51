"""A firewall: netfilter of one host told to drop everything that goes in or out. It speaks to the kernel itself, since
the programs that do are not everywhere.

Knows the few messages of nf_tables that this takes. Does not know what is dropped.
"""

import contextlib
import os
import socket
import struct

from .sandbox import Unavailable

_NETLINK_NETFILTER = 12
_REQUEST, _ACK, _CREATE = 0x1, 0x4, 0x400
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_SUBSYSTEM = 10  # nf_tables
_NEW_TABLE, _DELETE_TABLE, _NEW_CHAIN = 0, 2, 3
_INET = 1  # IPv4 and IPv6 alike
_HOOKS = {"input": 1, "output": 3}
_DROP = 0
_NESTED = 0x8000
_ERROR = 2


def _attribute(kind, value):
    padding = b"\0" * (-len(value) % 4)
    return struct.pack("=HH", 4 + len(value), kind) + value + padding


def _number(kind, value):
    return _attribute(kind, struct.pack("!I", value & 0xffffffff))


def _message(kind, flags, sequence, family, resource, body=b""):
    payload = struct.pack("!BBH", family, 0, resource) + body
    return struct.pack("=IHHII", 16 + len(payload), kind, _REQUEST | flags, sequence, 0) + payload


def _carry_out(*orders):
    """Each is (what, flags, attributes); all of them or none."""
    messages = [_message(_BATCH_BEGIN, 0, 0, 0, _SUBSYSTEM)]
    for sequence, (what, flags, body) in enumerate(orders, 1):
        messages.append(_message(_SUBSYSTEM << 8 | what, _ACK | flags, sequence, _INET, 0, body))
    messages.append(_message(_BATCH_END, 0, len(orders) + 1, 0, _SUBSYSTEM))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as kernel:
        kernel.settimeout(5)
        kernel.sendto(b"".join(messages), (0, 0))
        for _ in orders:
            _, kind, _, _, _, error = struct.unpack_from("=IHHIIi", kernel.recv(65536))
            if kind == _ERROR and error != 0:
                raise OSError(-error, os.strerror(-error))


@contextlib.contextmanager
def closed(host, way):
    """While this lasts, nothing passes "input" or "output" of the host."""
    table, name = b"closed\0", b"all\0"
    hook = _attribute(_NESTED | 4, _number(1, _HOOKS[way]) + _number(2, 0))
    chain = _attribute(1, table) + _attribute(3, name) + hook + _number(5, _DROP) + _attribute(7, b"filter\0")
    try:
        with host.inside():
            _carry_out((_NEW_TABLE, _CREATE, _attribute(1, table)), (_NEW_CHAIN, _CREATE, chain))
    except OSError as problem:
        raise Unavailable(f"netfilter takes no rules here ({problem})") from None
    try:
        yield
    finally:
        with host.inside():
            _carry_out((_DELETE_TABLE, 0, _attribute(1, table)))
