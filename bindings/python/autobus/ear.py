"""What the library tells, brought to Python.

Every callback of C arrives here: two functions for all, and a number as userdata that says which ear it is for. An
ear stays in the table until C's free hook has run, so that it is there as long as C may call. Nothing is ever
raised into C. What is told on another thread (the one that closes a bus) is handed to the loop's.
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
import itertools
import json
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Any

from .errors import Error, error_of
from .library import FORGOTTEN, HEARD, raw
from .library import News as CNews


class Kind(enum.IntEnum):
    """The kinds of news of <autobus/message.h> and <autobus/raw.h>."""

    ANSWER = 1
    FIRED = 2
    VALUE = 3
    GONE = 4
    BOUND = 5
    LOST = 6
    UNRESPONSIVE = 7
    RESPONSIVE = 8
    OPENED = 9
    DATA = 10
    BLOB = 11
    WRITABLE = 12
    ENDED = 13
    CLOSED_NOW = 14
    CALLED = 100
    OFFERED = 101
    APPEARED = 102
    LEFT = 103
    CHANGED = 104


class News:
    """A copy of what C told, to keep."""

    __slots__ = ("kind", "result", "handle", "number", "service", "name", "_error", "body")

    def __init__(self, told: CNews) -> None:
        self.kind: int = told.kind
        self.result: int = told.result
        self.handle: int = told.handle
        self.number: int = told.number
        self.service: str = told.service.decode()
        self.name: str = told.name.decode()
        self._error: bytes = told.error
        self.body: bytes = ctypes.string_at(told.bytes, told.length)

    @property
    def error(self) -> Error | None:
        """The exception that this tells of; None with a success."""
        return error_of(self.result, self._error.decode(errors="replace")) if self.result else None

    @property
    def sentence(self) -> str:
        """What was said beside the result."""
        return self._error.decode(errors="replace")

    def value(self) -> Any:
        """The JSON in it."""
        return json.loads(self.body)


class Ear:
    """Somebody who hears: `heard` for each news, `ended` once when there will be no more; on the loop's thread."""

    __slots__ = ("_loop", "_thread", "heard", "ended")

    def __init__(self, loop: AbstractEventLoop, heard: Callable[[News], None],
                 ended: Callable[[], None] | None = None) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self.heard = heard
        self.ended = ended

    def tell(self, function: Callable[..., None], *what: Any) -> None:
        """Calls it now, or has the loop call it if this is another thread."""
        if threading.get_ident() == self._thread:
            self._call(function, *what)
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear
                self._loop.call_soon_threadsafe(self._call, function, *what)

    def _call(self, function: Callable[..., None], *what: Any) -> None:
        try:
            function(*what)
        except Exception as problem:  # a mistake in the program's or our own code: C must not see it
            self._loop.call_exception_handler({"message": "a callback of Autobus failed", "exception": problem})

    def words(self) -> tuple[Any, int, Any]:
        """The three arguments that make a function of C tell this ear."""
        number = next(_numbers)
        _ears[number] = self
        return _HEARD, number, _FORGOTTEN


_numbers = itertools.count(1)
_ears: dict[int, Ear] = {}


@HEARD
def _HEARD(userdata: int, told: Any) -> None:
    if ear := _ears.get(userdata):
        ear.tell(ear.heard, News(told.contents))


@FORGOTTEN
def _FORGOTTEN(userdata: int) -> None:
    ear = _ears.pop(userdata, None)
    if ear and ear.ended:
        ear.tell(ear.ended)


def ears() -> int:
    """How many are in the table: none once every bus is closed."""
    return len(_ears)


def handles() -> int:
    """How many handles of the library this process has."""
    count: int = raw.handles()
    return count
