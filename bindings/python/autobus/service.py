"""A service that this program offers: functions by decorator, objects, events, channels.

Knows how a call becomes a call of Python and its outcome an answer. Types and defaults are enforced by the library,
from the description made of the hints.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import description
from .channel import Channel, Stream
from .ear import Ear, News
from .errors import Error, check
from .handle import Handle, made
from .library import raw

if TYPE_CHECKING:
    from .bus import Bus

_log = logging.getLogger("autobus")
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Service:
    """Made by Bus.service(). It is there for others between publish() and withdraw(), or inside `async with`."""

    def __init__(self, bus: Bus, info: Mapping[str, Any], service_id: str | None = None) -> None:
        self._bus = bus
        self._handle: Handle = bus.adopt(made(raw.service_new, bus.number, json.dumps(info).encode(),
                                              service_id.encode() if service_id is not None else None))

    @property
    def id(self) -> str:
        """By which others know it."""
        return raw.take(raw.service_id(self._handle.number))

    # Being there

    def publish(self) -> Service:
        """Makes it known. Mistakes in its info are said here."""
        check(raw.service_publish(self._handle.number))
        return self

    def withdraw(self) -> None:
        """Takes it back. It may be published again."""
        check(raw.service_withdraw(self._handle.number))

    async def serve(self) -> None:
        """Publishes it and waits until the task is cancelled, as by Ctrl-C under asyncio.run()."""
        self.publish()
        await self._bus.loop.create_future()

    def close(self) -> None:
        """Withdraws and ends it."""
        self._handle.free()
        self._bus.forget(self)

    async def __aenter__(self) -> Service:
        return self.publish()

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close()

    def doc(self, text: str | None) -> None:
        """One sentence about the service as a whole."""
        check(raw.service_set_doc(self._handle.number, text.encode() if text is not None else None))

    # Functions

    @overload
    def function(self, handler: _Function, /) -> _Function: ...

    @overload
    def function(self, /, *, name: str | None = None, threaded: bool = False) -> Callable[[_Function], _Function]: ...

    def function(self, handler: _Function | None = None, /, *, name: str | None = None,
                 threaded: bool = False) -> _Function | Callable[[_Function], _Function]:
        """Decorates a function that others may call, `def` or `async def`. Its hints become types that the library
        enforces, its defaults defaults, its docstring documentation; what it raises is the caller's error.
        With `threaded` a plain function that takes its time runs in a thread."""
        if handler is None:
            return functools.partial(self._add, name=name, threaded=threaded)
        return self._add(handler, name=name, threaded=threaded)

    def _add(self, handler: _Function, *, name: str | None, threaded: bool) -> _Function:
        work: Callable[..., Any] = functools.partial(asyncio.to_thread, handler) if threaded else handler
        ear = Ear(self._bus.loop, functools.partial(self._serve, work))
        check(raw.service_add_function(self._handle.number, (name or handler.__name__).encode(),
                                       description.of_function(handler), 0, *ear.words()))
        return handler

    def _serve(self, handler: Callable[..., Any], news: News) -> None:
        request = self._bus.adopt(Handle(news.handle))
        if not self._bus.is_open:
            return
        try:
            outcome = handler(*news.value())
        except Exception as problem:  # whatever it is, the caller hears it
            _fail(request, news.name, problem)
            return
        if inspect.isawaitable(outcome):
            self._bus.spawn(outcome, functools.partial(_answer_later, request, news.name))
        else:
            _answer(request, news.name, outcome)

    # Objects and events

    def object(self, name: str, value: Any = None, *, type: Any = inspect.Parameter.empty,
               doc: str | None = None) -> None:
        """Offers an object with its first value. `type` is a Python type, or one Annotated with more."""
        check(raw.service_add_object(self._handle.number, name.encode(), description.of_object(doc, type),
                                     json.dumps(value, allow_nan=False).encode()))

    def set(self, name: str, value: Any) -> None:
        """Gives an object a new value; whoever watches hears of it."""
        check(raw.service_set(self._handle.number, name.encode(), json.dumps(value, allow_nan=False).encode()))

    def event(self, name: str, /, *, doc: str | None = None, **parameters: Any) -> None:
        """Offers an event; `event("pressed", door=str)` says what comes with it."""
        check(raw.service_add_event(self._handle.number, name.encode(), description.of_event(doc, parameters)))

    def fire(self, name: str, *arguments: Any) -> None:
        """Tells everyone who listens."""
        check(raw.service_fire(self._handle.number, name.encode(), json.dumps(arguments, allow_nan=False).encode()))

    # Channels

    def channel(self, handler: Callable[[Channel], Awaitable[None]]) -> Callable[[Channel], Awaitable[None]]:
        """Decorates an `async def` that gets each channel somebody opens by its name. When it returns, the channel
        is closed; what it raises is the reason the other side is told."""
        return self._offer(handler, Channel)

    def stream(self, handler: Callable[[Stream], Awaitable[None]]) -> Callable[[Stream], Awaitable[None]]:
        """The same for streams of bytes."""
        return self._offer(handler, Stream)

    def _offer(self, handler: Any, end: type[Channel] | type[Stream]) -> Any:
        ear = Ear(self._bus.loop, functools.partial(self._accept, handler, end))
        check(raw.service_add_channel(self._handle.number, handler.__name__.encode(),
                                      description.of_event(inspect.getdoc(handler), {}), end is Stream, *ear.words()))
        return handler

    def _accept(self, handler: Any, end: type[Channel] | type[Stream], news: News) -> None:
        if self._bus.is_open:
            self._bus.spawn(_converse(handler, end.accepted(self._bus, news)))

    def remove(self, what: str, name: str) -> None:
        """Offers it no more: a "function", "event", "object" or "channel"."""
        check(raw.service_remove(self._handle.number, what.encode(), name.encode()))


def _answer(request: Handle, name: str, outcome: Any) -> None:
    try:
        text = json.dumps(outcome, allow_nan=False).encode()
    except (TypeError, ValueError) as problem:
        _fail(request, name, problem)
    else:
        raw.request_answer(request.number, text)
        request.free()


def _fail(request: Handle, name: str, problem: BaseException) -> None:
    if not isinstance(problem, (Error, asyncio.CancelledError)):
        _log.debug("the function %s failed", name, exc_info=problem)
    raw.request_fail(request.number, (str(problem) or type(problem).__name__).encode())
    request.free()


def _answer_later(request: Handle, name: str, task: asyncio.Future[Any]) -> None:
    if task.cancelled():
        _fail(request, name, asyncio.CancelledError("the service is closing"))
    elif problem := task.exception():
        _fail(request, name, problem)
    else:
        _answer(request, name, task.result())


async def _converse(handler: Any, end: Channel | Stream) -> None:
    with contextlib.suppress(Exception):  # the other side is told, by the end's own __aexit__
        async with end:
            await handler(end)
