"""Services of others, as this program uses them: one (a proxy or a connection), or all that match.

Knows how calls, events, objects and states become awaitables and iterators. Names that are not methods here are
functions of the service: `await lamp.turn_on(50)` is `await lamp.call("turn_on", 50)`.
"""

from __future__ import annotations

import asyncio
import enum
import functools
import json
from collections import deque
from collections.abc import Callable, Generator
from ctypes import c_uint64, c_void_p
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from .channel import Channel, Stream
from .ear import Ear, Kind, News
from .errors import ClosedError, Error, TimedOutError, check
from .handle import Handle
from .library import milliseconds, raw
from .subscription import Subscription

if TYPE_CHECKING:
    from .bus import Bus

PATIENCE = 10.0


class Unbound(enum.IntEnum):
    """What a call does while no service is bound: as the remote is set, wait for one, fail, or reach nobody."""

    DEFAULT = 0
    WAIT = 1
    FAIL = 2
    DROP = 3


class _Gone(enum.Enum):
    GONE = "GONE"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "autobus.GONE"

    __str__ = __repr__


GONE = _Gone.GONE
"""What an object reads as while it has no value: it, or its service, is not there."""


@dataclass(frozen=True, slots=True)
class State:
    """A remote is `bound` to a service, has `lost` it (`error` says why), finds it `unresponsive` or `responsive`."""

    kind: str
    service: str
    error: Error | None


class Answer(NamedTuple):
    """What one of several services answered to a call: a value, or an error."""

    service: str
    value: Any
    error: Error | None


class Reading(NamedTuple):
    """An object of one of several services has this value now; or GONE."""

    service: str
    value: Any


class Fired(NamedTuple):
    """One of several services fired an event."""

    service: str
    arguments: tuple[Any, ...]


def _state_of(news: News) -> State:
    return State(Kind(news.kind).name.lower(), news.service, news.error)


def _value_of(news: News) -> Any:
    return GONE if news.kind == Kind.GONE else news.value()


def _arguments_of(news: News) -> tuple[Any, ...]:
    return tuple(news.value())


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


class _Used:
    """What one remote and many have in common."""

    def __init__(self, bus: Bus, handle: Handle, is_connection: bool = False) -> None:
        self._bus = bus
        self._handle = handle
        self._is_connection = is_connection

    @property
    def bound(self) -> int:
        """How many services it is bound to now."""
        return max(0, raw.remote_bound(self._handle.number))

    async def wait(self, timeout: float = PATIENCE) -> None:
        """Waits until it is bound to a service. For a connection that has failed: raises why."""
        try:
            async with asyncio.timeout(timeout):
                async for state in self.states():
                    if state.kind == "bound":
                        return
                    if state.kind == "lost" and self._is_connection and state.error:
                        raise state.error
        except TimeoutError as problem:
            if isinstance(problem, Error):
                raise
            raise TimedOutError(f"no service was bound within {timeout:g} s") from None
        raise ClosedError("the remote was closed")

    def states(self) -> Subscription[State]:
        """The services bound now, and from then on each that is bound or lost, falls silent or speaks again."""
        return Subscription(self._bus, _state_of, raw.remote_on_state, self._handle.number, 1)

    def set_unbound(self, policy: Unbound) -> None:
        """What calls do from now on while no service is bound."""
        check(raw.remote_set_unbound(self._handle.number, policy))

    def send(self, name: str, *arguments: Any, unbound: Unbound = Unbound.DEFAULT) -> int:
        """Calls and wants no answer; returns how many services it went to."""
        count = c_uint64()
        check(raw.send(self._handle.number, name.encode(), _text(arguments), unbound, count))
        return count.value

    def close(self) -> None:
        """Calls under way fail as closed; what was watched and listened to ends."""
        if self._handle.number:
            raw.remote_close(self._handle.number)
            self._handle.free()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close()

    def _begin(self, name: str, arguments: tuple[Any, ...], timeout: float, unbound: Unbound,
               heard: Callable[[News], None]) -> int:
        """Calls; `heard` is told of each answer. The number is for cancelling."""
        number = c_uint64()
        ear = Ear(self._bus.loop, heard)
        check(raw.call_async(self._handle.number, name.encode(), _text(arguments), milliseconds(timeout), unbound,
                             *ear.words(), number))
        return number.value

    def _cancel(self, call: int) -> None:
        raw.call_cancel(self._handle.number, call)


class Remote(_Used):
    """One service of somebody else: a proxy of Bus.proxy(), or a connection of Bus.connect()."""

    async def call(self, name: str, *arguments: Any, timeout: float = PATIENCE,
                   unbound: Unbound = Unbound.DEFAULT) -> Any:
        """Calls a function and returns its answer. Cancelling the task cancels the call."""
        future: asyncio.Future[Any] = self._bus.loop.create_future()
        call = self._begin(name, arguments, timeout, unbound, functools.partial(_settle, future))
        try:
            return await future
        except asyncio.CancelledError:
            self._cancel(call)
            raise

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return functools.partial(self.call, name)

    def watch(self, name: str) -> Subscription[Any]:
        """The value of an object now, and every change. While there is none it is GONE. A slow reader skips to the
        latest value."""
        return Subscription(self._bus, _value_of, raw.watch, self._handle.number, name.encode(),
                            replaces=lambda old, new: (old is GONE) == (new is GONE))

    def listen(self, name: str) -> Subscription[tuple[Any, ...]]:
        """The arguments of an event, each time that it is fired."""
        return Subscription(self._bus, _arguments_of, raw.listen, self._handle.number, name.encode())

    def open(self, name: str, argument: Any = None) -> Channel:
        """Opens a channel: `async with lamp.open("chat") as channel`."""
        return Channel.opened(self._bus, self._handle, name, argument)

    def stream(self, name: str, argument: Any = None) -> Stream:
        """Opens a stream of bytes."""
        return Stream.opened(self._bus, self._handle, name, argument)


def _settle(future: asyncio.Future[Any], news: News) -> None:
    if future.done():
        return
    if news.result:
        future.set_exception(news.error or Error(""))
    else:
        future.set_result(news.value())


class Multi(_Used):
    """All services that match. What they tell says which of them it was."""

    def call(self, name: str, *arguments: Any, timeout: float = PATIENCE,
             unbound: Unbound = Unbound.DEFAULT) -> Answers:
        """Calls a function of each. `await` gives the list of answers, `async for` each as it comes."""
        return Answers(self, name, arguments, timeout, unbound)

    def __getattr__(self, name: str) -> Callable[..., Answers]:
        if name.startswith("_"):
            raise AttributeError(name)
        return functools.partial(self.call, name)

    def watch(self, name: str) -> Subscription[Reading]:
        """An object of each: its value now, every change, and GONE when its service is."""
        return Subscription(self._bus, lambda news: Reading(news.service, _value_of(news)), raw.watch,
                            self._handle.number, name.encode(),
                            replaces=lambda old, new: old.service == new.service
                            and (old.value is GONE) == (new.value is GONE))

    def listen(self, name: str) -> Subscription[Fired]:
        """An event of each."""
        return Subscription(self._bus, lambda news: Fired(news.service, _arguments_of(news)), raw.listen,
                            self._handle.number, name.encode())

    def values(self, name: str) -> dict[str, Any]:
        """The latest value of an object that is being watched, by service."""
        text = c_void_p()
        check(raw.values(self._handle.number, name.encode(), text))
        table: dict[str, Any] = json.loads(raw.take(text.value))
        return table


class Answers:
    """The answers to one call of several services. Nobody waits for them any more once it is closed or forgotten."""

    def __init__(self, multi: Multi, name: str, arguments: tuple[Any, ...], timeout: float, unbound: Unbound) -> None:
        self._multi = multi
        self._loop = multi._bus.loop
        self._told: deque[News] = deque()
        self._more: asyncio.Future[None] | None = None
        self._is_over = False
        self._call = multi._begin(name, arguments, timeout, unbound, self._hear)

    def _hear(self, news: News) -> None:
        self._told.append(news)
        if self._more and not self._more.done():
            self._more.set_result(None)

    def __aiter__(self) -> Answers:
        return self

    async def __anext__(self) -> Answer:
        while not self._is_over:
            while not self._told:
                self._more = self._loop.create_future()
                try:
                    await self._more
                except asyncio.CancelledError:
                    self.close()
                    raise
            news = self._told.popleft()
            self._is_over = news.number == 0
            if news.service:
                return Answer(news.service, None if news.result else news.value(), news.error)
            if news.error:  # nobody was there to be called
                raise news.error
        raise StopAsyncIteration

    def __await__(self) -> Generator[Any, None, list[Answer]]:
        return self._all().__await__()

    async def _all(self) -> list[Answer]:
        return [answer async for answer in self]

    def close(self) -> None:
        """Cancels what has not been answered."""
        if not self._is_over:
            self._is_over = True
            self._multi._cancel(self._call)
