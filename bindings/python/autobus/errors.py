"""What can go wrong, as exceptions: one class for each result code of <autobus/result.h>.

The text is the library's own sentence. Where Python has a word for the same thing, the class is one of those too, so
that `except TimeoutError` does what it says.
"""

from __future__ import annotations

from .library import raw


class Error(Exception):
    """Something outside failed: a system call, a full disk. Every other error here is one of these too."""

    result = 1


class InvalidError(Error, ValueError):
    """An argument that cannot be right; also what a service says of arguments that do not fit its function."""

    result = 2


class NotFoundError(Error, LookupError):
    """Nothing there matches: no such function, or no service bound."""

    result = 3


class TimedOutError(Error, TimeoutError):
    """The time given is over."""

    result = 4


class RemoteError(Error):
    """The function that was called failed; the text is what it said."""

    result = 5


class DeniedError(Error, PermissionError):
    """Not allowed."""

    result = 6


class IncompatibleError(Error):
    """The other side speaks something else."""

    result = 7


class AmbiguousError(Error, LookupError):
    """More than one matches where one was asked for."""

    result = 8


class InUseError(Error):
    """A name, an address, a port or an id is taken."""

    result = 9


class TooLargeError(Error, ValueError):
    """Over a limit, which the text names."""

    result = 10


class ClosedError(Error, ConnectionError):
    """The bus, the service or the connection is no more. Whether a call had its effect is not known."""

    result = 11


class BusyError(Error):
    """Not now: a bound on work in flight is reached."""

    result = 12


class WrongThreadError(Error, RuntimeError):
    """It would wait for itself."""

    result = 13


class ForkedError(Error, RuntimeError):
    """Used in the child of a fork: make a new bus there."""

    result = 14


BUSY = BusyError.result
_CLASSES: dict[int, type[Error]] = {kind.result: kind for kind in (Error, *Error.__subclasses__())}


def error_of(result: int, sentence: str) -> Error:
    """The exception for a result that is not 0."""
    return _CLASSES.get(result, Error)(sentence)


def last_error(result: int) -> Error:
    """The exception for what a function has just returned on this thread."""
    return error_of(result, raw.last_error().decode(errors="replace"))


def check(result: int) -> None:
    """Raises what the result of a function says, unless that is success."""
    if result:
        raise last_error(result)
