"""A handle of the library: one thing there that this program owns.

Knows how to free it, once, by hand or when Python forgets it. Not what it stands for.
"""

from __future__ import annotations

from ctypes import c_uint64
from typing import Any

from .errors import check
from .library import raw


class Handle:
    """Owns the number. After free() it is 0, and whatever is done with it raises InvalidError."""

    __slots__ = ("number", "__weakref__")
    _free = staticmethod(raw.free)  # kept: at the end of the interpreter modules are taken apart first

    def __init__(self, number: int) -> None:
        self.number = number

    def free(self) -> None:
        """Frees the thing; again is fine."""
        number, self.number = self.number, 0
        if number:
            self._free(number)

    def __del__(self) -> None:
        self.free()


def made(function: Any, *arguments: Any) -> Handle:
    """Calls a function whose last argument is a place for a handle."""
    number = c_uint64()
    check(function(*arguments, number))
    return Handle(number.value)
