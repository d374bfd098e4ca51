#!/usr/bin/env python3
"""A service in Python: functions of all kinds, their types, objects, events, and how they end."""

import asyncio
import os
import sys
import threading
from typing import Annotated, Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))

from troupe import autobus, eventually, hold, main, refused, soon, test  # noqa: E402


async def until_later(seconds):
    """What takes its time."""
    await asyncio.sleep(seconds)


def lamp_of(bus):
    """A lamp with one function of each kind."""
    lamp = bus.service(type="lamp", name="kitchen")
    lamp.object("level", 0, type=Annotated[int, autobus.Range(0, 100), autobus.Unit("%")], doc="Brightness.")
    lamp.event("pressed", door=str)

    @lamp.function
    def turn_on(level: Annotated[int, autobus.Range(0, 100), "How bright."] = 100) -> bool:
        "Turns it on."
        lamp.set("level", level)
        return True

    @lamp.function
    async def slow(seconds: float, *rest: Any) -> list:
        await until_later(seconds)
        return [seconds, *rest]

    @lamp.function
    def fail(sentence: str) -> None:
        raise ValueError(sentence)

    @lamp.function(name="echo")
    def anything(value):
        return value

    return lamp


@test
async def a_function_answers_with_what_it_returns(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        hold(await lamp.turn_on(50) is True, "the sugar")
        hold(await lamp.call("turn_on") is True, "the default")
        for value in (None, True, 1, -2.5, "Küche 灯\0", [1, [2]], {"a": {"b": None}}, 2**53):
            hold(await lamp.echo(value) == value, "comes back changed:", value)
        hold(await lamp.slow(0.01, "a", 2) == [0.01, "a", 2], "the rest")


@test
async def slow_answers_do_not_wait_for_each_other(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        order = []

        async def call(seconds):
            order.append((await lamp.slow(seconds))[0])

        await soon(asyncio.gather(call(0.3), call(0.001)))
        hold(order == [0.001, 0.3], order)


@test
async def what_a_function_raises_reaches_the_caller(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        hold(await refused(autobus.RemoteError, lamp.fail("no bulb")) == "no bulb", "another sentence")
        await refused(autobus.NotFoundError, lamp.call("explode"))
        hold(await lamp.turn_on(), "it goes on after errors")


@test
async def hints_are_enforced_by_a_sentence_that_names_the_parameter(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        for arguments in (("bright",), (101,), (1, 2)):
            sentence = await refused(autobus.InvalidError, lamp.turn_on(*arguments))
            hold("level" in sentence or len(arguments) > 1, sentence)


@test
async def hints_and_docstrings_are_published(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        there = await away.connect(host="127.0.0.1", port=home.port)
        details = str(await soon(there.call("get_details")))
        for word in ("turn_on", "Turns it on.", "How bright.", "integer", "boolean", "Brightness."):
            hold(word in details, word, "is not in", details)


@test
async def an_answer_that_is_no_json_is_an_error(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home) as lamp:
        @lamp.function
        def strange():
            return object()

        hold("JSON" in await refused(autobus.RemoteError, away.proxy(type="lamp").strange()), "another sentence")


@test
async def a_threaded_function_does_not_hold_up_the_loop(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home) as lamp:
        go_on = threading.Event()

        @lamp.function(threaded=True)
        def wait() -> bool:
            return go_on.wait(10)

        remote = away.proxy(type="lamp")
        waiting = asyncio.create_task(remote.call("wait"))
        hold(await soon(remote.turn_on()), "held up")
        go_on.set()
        hold(await soon(waiting), "not set")


@test
async def functions_with_names_for_arguments_are_refused(troupe):
    async with troupe.bus(sources="none") as bus:
        lamp = bus.service(type="lamp")
        try:
            lamp.function(lambda *, level: None)
        except TypeError as problem:
            hold("positional" in str(problem), problem)
        else:
            hold(False, "it was taken")


@test
async def what_is_offered_can_be_removed(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home) as lamp:
        remote = away.proxy(type="lamp")
        await remote.turn_on()
        lamp.remove("function", "turn_on")
        await refused(autobus.NotFoundError, remote.turn_on())


@test
async def mistakes_are_exceptions_with_a_sentence(troupe):
    try:
        troupe.bus(lamp=1).open()
    except autobus.InvalidError as problem:
        hold("'lamp'" in str(problem), problem)
    else:
        hold(False, "a strange option was taken")
    async with troupe.bus(sources="none") as bus:
        lamp = bus.service(type="lamp")
        lamp.object("level")
        for act in (lambda: lamp.object("level"), lambda: lamp.set("colour", 1), lambda: lamp.set("level", {1})):
            try:
                act()
            except (autobus.Error, TypeError):
                continue
            hold(False, "was taken")
    try:
        bus.service(type="lamp")
    except autobus.ClosedError:
        return
    hold(False, "a closed bus has services")


@test
async def a_closing_bus_ends_what_runs_and_who_waits_hears_of_it(troupe):
    async with troupe.bus() as away:
        home = troupe.bus().open()
        started = asyncio.Event()
        lamp = lamp_of(home).publish()

        @lamp.function
        async def forever() -> None:
            started.set()
            await asyncio.Event().wait()

        waiting = asyncio.create_task(away.proxy(type="lamp").forever())
        await soon(started.wait())
        await soon(home.close())
        await eventually(waiting.done, "the caller waits on")
        hold(isinstance(waiting.exception(), (autobus.RemoteError, autobus.ClosedError)), waiting)


if __name__ == "__main__":
    main()
