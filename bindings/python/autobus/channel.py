"""Channels and streams, at either end.

Knows how flow control becomes awaiting: a send waits until the other side has read enough, and what nobody reads here
is held back there. Not who offers and who opens them.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections import deque
from ctypes import c_size_t
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .ear import Ear, Kind, News
from .errors import BUSY, ClosedError, Error, InvalidError, check
from .handle import Handle, made
from .library import raw

if TYPE_CHECKING:
    from typing import Self

    from .bus import Bus

FULL = 65536  # bytes that may wait here until reading is paused


class _End:
    """One end of a channel or stream."""

    _is_stream = 0

    def __init__(self, bus: Bus, name: str, argument: Any) -> None:
        self.name = name
        self.argument = argument
        self.reason: str | None = None
        """Why it was closed; None while it is open."""
        self._bus = bus
        self._loop = bus.loop
        self._handle = Handle(0)
        self._waiting: deque[Any] = deque()
        self._held = 0
        self._is_paused = False
        self._is_open = asyncio.Event()
        self._is_writable = asyncio.Event()
        self._has_news = asyncio.Event()
        self._has_ended = False
        self._error: Error | None = None

    @classmethod
    def opened(cls, bus: Bus, remote: Handle, name: str, argument: Any) -> Self:
        """The end of the one who opens it; awaits the other side with `async with`."""
        end = cls(bus, name, argument)
        end._handle = bus.adopt(made(raw.channel_open, remote.number, name.encode(), cls._is_stream,
                                     json.dumps(argument).encode(), *end._ear().words()))
        return end

    @classmethod
    def accepted(cls, bus: Bus, news: News) -> Self:
        """The end of the one who offers it; inside the callback that tells of it."""
        end = cls(bus, news.name, news.value())
        check(raw.channel_accept(news.handle, *end._ear().words()))
        end._handle = bus.adopt(Handle(news.handle))
        end._is_open.set()
        return end

    def _ear(self) -> Ear:
        here = weakref.ref(self)
        return Ear(self._loop, lambda news: _told(here, news), lambda: _ended(here))

    @property
    def is_closed(self) -> bool:
        """No more will come and nothing can be sent."""
        return self.reason is not None

    async def __aenter__(self) -> Self:
        await self._is_open.wait()
        if self.is_closed and not self._waiting:
            raise self._error or ClosedError(f"the channel '{self.name}' is closed: {self.reason}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close(f"{problem}" if isinstance(problem, Exception) else None)

    def close(self, reason: str | None = None) -> None:
        """Closes it; the other side is told the reason. What was sent before arrives."""
        if self._handle.number:
            raw.channel_close(self._handle.number, reason.encode() if reason else None)
        if self.reason is None:
            self.reason = reason or "closed"
        self._wake()
        self._handle.free()

    def _hear(self, news: News) -> None:
        if news.kind == Kind.OPENED:
            self._is_open.set()
        elif news.kind == Kind.WRITABLE:
            self._is_writable.set()
        elif news.kind == Kind.ENDED:
            self._has_ended = True
            self._has_news.set()
        elif news.kind == Kind.CLOSED_NOW:
            self._error = news.error
            self.reason = self.reason or news.sentence or "closed"
            self._wake()
        else:
            self._keep(news)

    def _keep(self, news: News) -> None:
        self._waiting.append((news.body if news.kind == Kind.BLOB else news.value(), len(news.body)))
        self._held += len(news.body)
        self._has_news.set()
        if self._held > FULL and not self._is_paused:
            self._pause(True)

    def _pause(self, is_paused: bool) -> None:
        self._is_paused = is_paused
        raw.channel_pause(self._handle.number, is_paused)

    def _wake(self) -> None:
        for event in (self._is_open, self._is_writable, self._has_news):
            event.set()

    async def _next(self) -> Any:
        """What has come; StopAsyncIteration at the end, or the error that ended it."""
        while not self._waiting:
            if self.is_closed or self._has_ended:
                if self._error and not isinstance(self._error, ClosedError):
                    raise self._error
                raise StopAsyncIteration
            self._has_news.clear()
            await self._has_news.wait()
        value, length = self._waiting.popleft()
        self._held -= length
        if self._is_paused and self._held <= FULL // 2:
            self._pause(False)
        return value

    async def _try(self, function: Any, *arguments: Any) -> None:
        """Calls it until it is not refused as busy."""
        while True:
            self._is_writable.clear()
            result = function(self._handle.number, *arguments)
            if self.is_closed and result:
                raise ClosedError(f"the channel '{self.name}' is closed: {self.reason}")
            if result != BUSY:
                check(result)
                return
            await self._is_writable.wait()


class Channel(_End):
    """Messages both ways: JSON values, and bytes as they are. `async for` reads until it is closed."""

    async def send(self, value: Any) -> None:
        """Sends a JSON value, or bytes; waits while the other side has not read enough."""
        await self._is_open.wait()
        if isinstance(value, (bytes, bytearray, memoryview)):
            await self._try(raw.channel_write, bytes(value), len(value), None)
        else:
            await self._try(raw.channel_send, json.dumps(value, allow_nan=False).encode())

    async def receive(self) -> Any:
        """The next message; ClosedError when there will be none."""
        try:
            return await self._next()
        except StopAsyncIteration:
            raise ClosedError(f"the channel '{self.name}' is closed: {self.reason}") from None

    def __aiter__(self) -> Channel:
        return self

    async def __anext__(self) -> Any:
        return await self._next()


class Stream(_End):
    """Bytes both ways, whose two directions end separately. `async for` reads pieces until the other side's end."""

    _is_stream = 1

    async def write(self, data: bytes) -> None:
        """Sends all of it; waits while the other side has not read enough."""
        await self._is_open.wait()
        while data:
            sent = c_size_t()
            await self._try(raw.channel_write, data, len(data), sent)
            data = data[sent.value:]

    def end(self) -> None:
        """Nothing more will be sent from here; reading goes on."""
        check(raw.channel_end(self._handle.number))

    async def read(self, limit: int = -1) -> bytes:
        """At most `limit` bytes as soon as there are some, b"" at the end; without a limit all until the end."""
        if limit == 0 or limit < -1:
            raise InvalidError(f"a read is of at least 1 byte, not {limit}")
        pieces = []
        try:
            while limit < 0:
                pieces.append(await self._next())
            piece = await self._next()
            if len(piece) > limit:
                self._waiting.appendleft((piece[limit:], len(piece) - limit))
                self._held += len(piece) - limit
            return bytes(piece[:limit])
        except StopAsyncIteration:
            return b"".join(pieces)

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        return bytes(await self._next())


def _told(here: weakref.ref[Any], news: News) -> None:
    if end := here():
        end._hear(news)


def _ended(here: weakref.ref[Any]) -> None:
    if end := here():
        end.reason = end.reason or "closed"
        end._wake()
