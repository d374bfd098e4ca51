"""A subscription: what a bus or a remote tells, one item at a time, with `async for`.

It begins when it is made, so nothing is missed before the first item is asked for, and it ends when it is closed,
or forgotten by the program: leaving an `async for` is enough. Knows nothing of what the items mean.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .ear import Ear, News
from .errors import BusyError
from .handle import Handle, made

if TYPE_CHECKING:
    from .bus import Bus

Item = TypeVar("Item")

LIMIT = 10_000


class Subscription(Generic[Item]):
    """An asynchronous iterator. At most LIMIT items wait for a slow reader; then it ends with BusyError."""

    def __init__(self, bus: Bus, read: Callable[[News], Item], function: Any, *arguments: Any,
                 replaces: Callable[[Item, Item], bool] | None = None) -> None:
        self._read = read
        self._replaces = replaces
        self._items: deque[Item] = deque()
        self._more: asyncio.Future[None] | None = None
        self._loop = bus.loop
        self._problem: BusyError | None = None
        self._is_over = False
        # The ear knows the subscription only weakly: whoever forgets it, ends it.
        here = weakref.ref(self)
        ear = Ear(bus.loop, lambda news: _told(here, news), lambda: _ended(here))
        self._handle: Handle = bus.adopt(made(function, *arguments, *ear.words()))

    def __aiter__(self) -> Subscription[Item]:
        return self

    async def __anext__(self) -> Item:
        while not self._items:
            if self._problem:
                problem, self._problem = self._problem, None
                raise problem
            if self._is_over:
                raise StopAsyncIteration
            self._more = self._loop.create_future()
            try:
                await self._more
            finally:
                self._more = None
        return self._items.popleft()

    def close(self) -> None:
        """Hears no more. What was heard and not read yet is dropped."""
        self._items.clear()
        self._end()
        self._handle.free()

    async def aclose(self) -> None:
        """The same, for contextlib.aclosing()."""
        self.close()

    def __enter__(self) -> Subscription[Item]:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def hear(self, news: News) -> None:
        """What was told becomes an item; on the loop's thread."""
        if self._is_over:
            return
        item = self._read(news)
        if self._items and self._replaces and self._replaces(self._items[-1], item):
            self._items[-1] = item
        elif len(self._items) < LIMIT:
            self._items.append(item)
        else:
            self._problem = BusyError(f"{LIMIT} items wait to be read: the subscription has ended")
            self._end()
            self._handle.free()
        self._wake()

    def _end(self) -> None:
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        if self._more and not self._more.done():
            self._more.set_result(None)


def _told(here: weakref.ref[Subscription[Any]], news: News) -> None:
    if subscription := here():
        subscription.hear(news)


def _ended(here: weakref.ref[Subscription[Any]]) -> None:
    if subscription := here():
        subscription._end()
