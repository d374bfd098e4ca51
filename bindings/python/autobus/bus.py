"""The bus: this program's seat on the network, driven by the asyncio loop it was opened in.

Knows how the library's callbacks get into the loop (a file descriptor that becomes readable, and one function that
runs them) and what has to end in which order.
"""

from __future__ import annotations

import asyncio
import atexit
import ipaddress
import json
import logging
import socket
import weakref
from collections.abc import Awaitable, Callable, Mapping
from ctypes import c_void_p
from types import TracebackType
from typing import Any

from .errors import ClosedError, check, last_error
from .handle import Handle, made
from .library import milliseconds, raw
from .remote import Multi, Remote
from .service import Service
from .sighting import Change, Sighting, change_of, filter_text
from .subscription import Subscription

_log = logging.getLogger("autobus")
_open: weakref.WeakSet[Handle] = weakref.WeakSet()


class Bus:
    """Everything belongs to a bus. Its options are those of <autobus/options.h> in small letters:
    `Bus(tcp_port=4711, sources="none")`. Use it with `async with`."""

    def __init__(self, **options: int | bool | str) -> None:
        self._options = options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle = Handle(0)
        self._owned: weakref.WeakSet[Handle] = weakref.WeakSet()
        self._services: set[Service] = set()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._fd = -1

    # Opening and closing

    def open(self) -> Bus:
        """Starts it, in the loop that is running."""
        if self.is_open:
            return self
        self._loop = asyncio.get_running_loop()
        self._handle = made(raw.bus_new, json.dumps({**self._options, "dispatch": True}).encode())
        _open.add(self._handle)
        self._fd = raw.bus_fd(self._handle.number)
        self._loop.add_reader(self._fd, self._dispatch)
        return self

    async def close(self) -> None:
        """Ends everything that belongs to it, says goodbye, and stops it."""
        if not self.is_open or not self._loop:
            return
        self._loop.remove_reader(self._fd)
        self._fd = -1
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._services.clear()
        for handle in list(self._owned):
            handle.free()
        # Saying goodbye takes its time, and what is told meanwhile comes to the loop.
        await self._loop.run_in_executor(None, self._handle.free)
        await asyncio.sleep(0)

    async def __aenter__(self) -> Bus:
        return self.open()

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.close()

    def _dispatch(self) -> None:
        if raw.bus_dispatch(self._handle.number) < 0:
            _log.error("callbacks could not be run: %s", raw.last_error().decode(errors="replace"))

    # What there is

    @property
    def is_open(self) -> bool:
        """From open() until close() begins."""
        return self._fd >= 0

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits, new at every start."""
        return raw.take(raw.bus_id(self.number))

    @property
    def port(self) -> int:
        """The TCP port of all services of this bus."""
        port: int = raw.bus_port(self.number)
        return port

    @property
    def stats(self) -> dict[str, int]:
        """What it has counted since it started."""
        counted: dict[str, int] = json.loads(raw.take(raw.bus_stats(self.number)))
        return counted

    async def settle(self, timeout: float = 1.0) -> None:
        """Waits until the picture of what there is on the network is complete."""
        loop = self.loop
        result = await loop.run_in_executor(None, self._settle, self.number, milliseconds(timeout))
        if result is not None:
            raise result

    @staticmethod
    def _settle(number: int, timeout_ms: int) -> Exception | None:
        result = raw.bus_settle(number, timeout_ms)
        return last_error(result) if result else None

    def services(self, conditions: Mapping[str, Any] | None = None, /, **more: Any) -> list[Sighting]:
        """The services known now whose info fulfils the conditions: `bus.services(type="lamp")`."""
        text = c_void_p()
        check(raw.enumerate(self.number, filter_text(conditions, more), text))
        return [Sighting(**known) for known in json.loads(raw.take(text.value))]

    def changes(self, conditions: Mapping[str, Any] | None = None, /, **more: Any) -> Subscription[Change]:
        """The services of now, as appeared, and from then on what appears, leaves, and changes its place."""
        return Subscription(self, change_of, raw.listener_new, self.number, filter_text(conditions, more), 1)

    # What is offered and used

    def service(self, info: Mapping[str, Any] | None = None, /, *, service_id: str | None = None,
                **more: Any) -> Service:
        """A service to offer, not published yet: `bus.service(type="lamp", name="kitchen")`."""
        service = Service(self, {**(info or {}), **more}, service_id)
        self._services.add(service)
        return service

    def proxy(self, conditions: Mapping[str, Any] | None = None, /, **more: Any) -> Remote:
        """Stands for whichever service fulfils the conditions, and finds another one when that is lost."""
        return Remote(self, self.adopt(made(raw.proxy_new, self.number, filter_text(conditions, more), 0)))

    def multi(self, conditions: Mapping[str, Any] | None = None, /, **more: Any) -> Multi:
        """Stands for all services that fulfil the conditions."""
        return Multi(self, self.adopt(made(raw.proxy_new, self.number, filter_text(conditions, more), 1)))

    async def connect(self, service: Sighting | str | None = None, /, *, host: str | None = None, port: int = 0,
                      timeout: float = 10.0) -> Remote:
        """Connects to one service: one that was found (a Sighting, or its id), or with `host` and `port` one that
        is known to be there. Without a service it is the introspection of the bus at that place."""
        name = service.service if isinstance(service, Sighting) else service
        if host:
            host = await self._numeric(host, port)
        remote = Remote(self, self.adopt(made(raw.connect, self.number, host.encode() if host else None, port,
                                              name.encode() if name is not None else None, 0)), is_connection=True)
        try:
            await remote.wait(timeout)
        except BaseException:
            remote.close()
            raise
        return remote

    async def _numeric(self, host: str, port: int) -> str:
        """The address of a host; looking up its name must not hold up the loop."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            found = await self.loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return str(found[0][4][0])
        return host

    # For the other parts of this package

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop it runs in; ClosedError if it is not open."""
        if not self._loop or not self._handle.number:
            raise ClosedError("the bus is not open: use it inside `async with autobus.Bus() as bus`")
        return self._loop

    @property
    def number(self) -> int:
        """The library's handle; ClosedError if it is not open."""
        self.loop  # noqa: B018 - says why not
        return self._handle.number

    def adopt(self, handle: Handle) -> Handle:
        """Frees that handle, if nobody has, when the bus is closed."""
        self._owned.add(handle)
        return handle

    def spawn(self, work: Awaitable[Any], done: Callable[[asyncio.Future[Any]], None] | None = None) -> None:
        """Runs it as a task that ends with the bus at the latest."""
        task = asyncio.ensure_future(work, loop=self._loop)
        if done:
            task.add_done_callback(done)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if not self.is_open:
            task.cancel()

    def forget(self, service: Service) -> None:
        """It is closed: nothing keeps it alive any more."""
        self._services.discard(service)


@atexit.register
def _close_all() -> None:
    """No thread of the library may meet an interpreter that has ended."""
    for handle in list(_open):
        handle.free()
