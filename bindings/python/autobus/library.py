"""libautobus itself: where it is found, and the functions of <autobus/raw.h> as ctypes calls them.

Knows the ABI and nothing of asyncio. The library is looked for in this order:

1. the file that the environment variable AUTOBUS_LIBRARY names;
2. if this package lies in a checkout of Autobus: the newest of build/*/libautobus/libautobus.so there;
3. where the system keeps its libraries.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

_ABI = 0


class News(ctypes.Structure):
    """struct autobus_raw_news: what a callback is shown, for as long as it runs."""

    _fields_ = (
        ("size", c_uint32), ("kind", c_int32), ("result", c_int32), ("unused", c_uint32),
        ("handle", c_uint64), ("number", c_uint64),
        ("service", c_char_p), ("name", c_char_p), ("error", c_char_p),
        ("bytes", c_void_p), ("length", c_uint64),
    )


HEARD = ctypes.CFUNCTYPE(None, c_void_p, POINTER(News))
FORGOTTEN = ctypes.CFUNCTYPE(None, c_void_p)

_EAR = (HEARD, c_void_p, FORGOTTEN)
_HANDLE, _INT, _TEXT = c_uint64, c_int, c_char_p
_TO_HANDLE, _TO_TEXT, _TO_NUMBER = POINTER(c_uint64), POINTER(c_void_p), POINTER(c_uint64)

# Every function used here: its name without "autobus_raw_", what it returns, what it takes.
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "free": (None, (_HANDLE,)),
    "text_free": (None, (c_void_p,)),
    "handles": (c_size_t, ()),
    "bus_new": (_INT, (_TEXT, _TO_HANDLE)),
    "bus_fd": (_INT, (_HANDLE,)),
    "bus_dispatch": (_INT, (_HANDLE,)),
    "bus_settle": (_INT, (_HANDLE, _INT)),
    "bus_id": (c_void_p, (_HANDLE,)),
    "bus_port": (_INT, (_HANDLE,)),
    "bus_stats": (c_void_p, (_HANDLE,)),
    "enumerate": (_INT, (_HANDLE, _TEXT, _TO_TEXT)),
    "listener_new": (_INT, (_HANDLE, _TEXT, _INT, *_EAR, _TO_HANDLE)),
    "service_new": (_INT, (_HANDLE, _TEXT, _TEXT, _TO_HANDLE)),
    "service_set_doc": (_INT, (_HANDLE, _TEXT)),
    "service_publish": (_INT, (_HANDLE,)),
    "service_withdraw": (_INT, (_HANDLE,)),
    "service_id": (c_void_p, (_HANDLE,)),
    "service_add_function": (_INT, (_HANDLE, _TEXT, _TEXT, _INT, *_EAR)),
    "service_add_event": (_INT, (_HANDLE, _TEXT, _TEXT)),
    "service_add_object": (_INT, (_HANDLE, _TEXT, _TEXT, _TEXT)),
    "service_add_channel": (_INT, (_HANDLE, _TEXT, _TEXT, _INT, *_EAR)),
    "service_remove": (_INT, (_HANDLE, _TEXT, _TEXT)),
    "service_set": (_INT, (_HANDLE, _TEXT, _TEXT)),
    "service_fire": (_INT, (_HANDLE, _TEXT, _TEXT)),
    "request_answer": (_INT, (_HANDLE, _TEXT)),
    "request_fail": (_INT, (_HANDLE, _TEXT)),
    "connect": (_INT, (_HANDLE, _TEXT, _INT, _TEXT, _INT, _TO_HANDLE)),
    "proxy_new": (_INT, (_HANDLE, _TEXT, _INT, _TO_HANDLE)),
    "remote_close": (_INT, (_HANDLE,)),
    "remote_bound": (_INT, (_HANDLE,)),
    "remote_set_unbound": (_INT, (_HANDLE, _INT)),
    "remote_on_state": (_INT, (_HANDLE, _INT, *_EAR, _TO_HANDLE)),
    "listen": (_INT, (_HANDLE, _TEXT, *_EAR, _TO_HANDLE)),
    "watch": (_INT, (_HANDLE, _TEXT, *_EAR, _TO_HANDLE)),
    "values": (_INT, (_HANDLE, _TEXT, _TO_TEXT)),
    "call": (_INT, (_HANDLE, _TEXT, _TEXT, _INT, _TO_TEXT)),
    "call_async": (_INT, (_HANDLE, _TEXT, _TEXT, _INT, _INT, *_EAR, _TO_NUMBER)),
    "call_cancel": (_INT, (_HANDLE, c_uint64)),
    "send": (_INT, (_HANDLE, _TEXT, _TEXT, _INT, _TO_NUMBER)),
    "channel_open": (_INT, (_HANDLE, _TEXT, _INT, _TEXT, *_EAR, _TO_HANDLE)),
    "channel_accept": (_INT, (_HANDLE, *_EAR)),
    "channel_send": (_INT, (_HANDLE, _TEXT)),
    "channel_write": (_INT, (_HANDLE, c_char_p, c_size_t, POINTER(c_size_t))),
    "channel_end": (_INT, (_HANDLE,)),
    "channel_pause": (_INT, (_HANDLE, _INT)),
    "channel_close": (_INT, (_HANDLE, _TEXT)),
}


def _candidates() -> Iterator[str]:
    if named := os.environ.get("AUTOBUS_LIBRARY"):
        yield named
        return
    root = Path(__file__).resolve().parent.parent.parent.parent
    if (root / "include/autobus/raw.h").exists():
        built = (root / "build").glob("**/libautobus/libautobus.so")
        yield from map(str, sorted(built, key=lambda path: path.stat().st_mtime, reverse=True))
    if found := ctypes.util.find_library("autobus"):
        yield found
    yield f"libautobus.so.{_ABI}"


def _load() -> ctypes.CDLL:
    refusals = []
    for candidate in _candidates():
        try:
            return ctypes.CDLL(candidate)
        except OSError as problem:
            refusals.append(str(problem))
    raise ImportError("libautobus was not found; install it, or name its file in AUTOBUS_LIBRARY: "
                      + "; ".join(refusals))


class Raw:
    """The functions of raw.h, without their prefix: raw.bus_new is autobus_raw_bus_new."""

    def __init__(self, library: ctypes.CDLL) -> None:
        for name, (returns, takes) in _FUNCTIONS.items():
            function = getattr(library, f"autobus_raw_{name}")
            function.restype, function.argtypes = returns, takes
            setattr(self, name, function)
        self.last_error = library.autobus_last_error
        self.last_error.restype, self.last_error.argtypes = c_char_p, ()

    def __getattr__(self, name: str) -> Any:
        """Only for what is not in the table."""
        raise AttributeError(f"autobus/raw.h has no function autobus_raw_{name} that is used here")

    def take(self, text: int | None) -> str:
        """A text that C gave away, as ours; C's is freed."""
        if not text:
            return ""
        try:
            return ctypes.string_at(text).decode()
        finally:
            self.text_free(text)


def milliseconds(seconds: float) -> int:
    """A time as C takes it; what is too long for it is the longest."""
    return int(min(max(seconds, 0.0) * 1000, 2**31 - 1))


raw = Raw(_load())
