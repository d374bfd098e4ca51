#!/usr/bin/env python3
"""Services used from Python: calls, cancelling, watching, listening, many at once, restarts, and nothing left over."""

import asyncio
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))

from serving import lamp_of  # noqa: E402
from troupe import ROOT, autobus, eventually, handles, hold, main, refused, soon, test  # noqa: E402

LAMP = ROOT / "bindings/python/examples/lamp.py"
SWITCH = ROOT / "bindings/python/examples/switch.py"


@test
async def services_are_listed_and_their_coming_and_going_is_heard(troupe):
    async with troupe.bus() as home, troupe.bus() as away:
        changes = away.changes(type="lamp")
        async with lamp_of(home) as lamp:
            change = await soon(anext(changes))
            hold((change.kind, change.service.service) == ("appeared", lamp.id), change)
            hold(change.service.info["name"] == "kitchen" and change.service.type == "lamp", change)
            await away.settle()
            hold([known.service for known in away.services(type="lamp")] == [lamp.id], away.services())
            hold(away.services({"name": "attic"}) == [], "a filter lets others pass")
        hold((await soon(anext(changes))).kind == "left", "it does not leave")
        hold(away.services() == [], away.services())


@test
async def a_thousand_calls_one_after_the_other_and_all_at_once(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        for number in range(1000):
            hold(await lamp.echo(number) == number, "answers are mixed up")
        answers = await soon(asyncio.gather(*(lamp.echo(number) for number in range(1000))))
        hold(answers == list(range(1000)), "answers are mixed up")
        hold(handles() == 4, "handles", handles())


@test
async def a_cancelled_task_cancels_its_call(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        await lamp.turn_on()
        task = asyncio.create_task(lamp.slow(60.0))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await soon(task)
        except asyncio.CancelledError:
            hold(await lamp.turn_on(), "nothing works after")
            return
        hold(False, "it was not cancelled")


@test
async def a_call_has_its_time_and_says_when_that_is_over(troupe):
    async with troupe.bus() as home, troupe.bus() as away:
        lamp = away.proxy(type="lamp")
        await refused(autobus.TimedOutError, lamp.call("turn_on", timeout=0.05))
        await refused(autobus.TimedOutError, lamp.wait(timeout=0.05))
        await refused(autobus.NotFoundError, lamp.call("turn_on", unbound=autobus.Unbound.FAIL))
        hold(lamp.send("turn_on") == 0 and lamp.bound == 0, "it reached somebody")
        async with lamp_of(home):
            await refused(autobus.TimedOutError, lamp.call("slow", 60.0, timeout=0.05))
            try:
                await lamp.call("slow", 60.0, timeout=0.01)
            except TimeoutError:
                hold(lamp.bound == 1, "bound to", lamp.bound)
            hold(lamp.send("turn_on", 7) == 1, "it reached nobody")


@test
async def an_object_is_watched_from_its_value_now_to_its_end(troupe):
    async with troupe.bus() as home, troupe.bus() as away:
        lamp = away.proxy(type="lamp")
        levels = lamp.watch("level")
        hold(await soon(anext(levels)) is autobus.GONE, "a value out of nowhere")
        async with lamp_of(home) as service:
            hold(await soon(anext(levels)) == 0, "not the first value")
            service.set("level", 3)
            hold(await soon(anext(levels)) == 3, "not the change")
            service.object("colour", None)
            hold(await soon(anext(lamp.watch("colour"))) is None, "null is not gone")
        hold(await soon(anext(levels)) is autobus.GONE, "it outlives its service")
        levels.close()
        hold([level async for level in levels] == [], "it goes on after its end")


@test
async def a_slow_reader_skips_to_the_latest_value(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home) as service:
        lamp = away.proxy(type="lamp")
        levels = lamp.watch("level")
        fired = lamp.listen("pressed")
        await lamp.turn_on(1)
        for level in range(101):
            service.set("level", level)
        service.fire("pressed", "front")
        hold(await soon(anext(fired)) == ("front",), "other arguments")
        seen = [await soon(anext(levels))]
        while seen[-1] != 100:
            seen.append(await soon(anext(levels)))
        hold(len(seen) < 10, "it had to read", len(seen))


@test
async def leaving_a_loop_ends_what_it_listened_to(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        lamp = away.proxy(type="lamp")
        await lamp.turn_on()
        before = handles()
        async for level in lamp.watch("level"):
            if level == 100:
                break
        hold(handles() == before, handles(), "handles instead of", before)
        with lamp.listen("pressed") as presses:
            hold(handles() == before + 1, "no handle")
        hold(handles() == before and [item async for item in presses] == [], "it goes on")


@test
async def many_lamps_are_called_and_watched_at_once(troupe):
    async with troupe.bus() as home, troupe.bus() as other, troupe.bus() as away:
        async with lamp_of(home) as one, lamp_of(other) as two:
            lamps = away.multi(type="lamp")
            await eventually(lambda: lamps.bound == 2, "not both are bound")
            answers = await soon(lamps.turn_on(9))
            hold(sorted(answer.service for answer in answers) == sorted((one.id, two.id)), answers)
            hold(all(answer.value is True and not answer.error for answer in answers), answers)
            async for answer in lamps.fail("dark"):
                hold(isinstance(answer.error, autobus.RemoteError), answer)
            levels = lamps.watch("level")
            seen = {}
            while len(seen) < 2 or autobus.GONE in seen.values():
                reading = await soon(anext(levels))
                if reading.service:
                    seen[reading.service] = reading.value
            hold(seen == {one.id: 9, two.id: 9} == lamps.values("level"), seen)
            presses = lamps.listen("pressed")
            await lamps.turn_on(9)
            two.fire("pressed", "back")
            hold(await soon(anext(presses)) == (two.id, ("back",)), "another one")
        await eventually(lambda: lamps.bound == 0, "still bound")
        hold(await soon(lamps.call("turn_on", unbound=autobus.Unbound.DROP)) == [], "answers from nobody")


def this_host():
    """By its name, unless that is not known: a bare root may have no /etc/hosts."""
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        return "127.0.0.1"
    return "localhost"


@test
async def a_connection_dies_with_its_service(troupe):
    async with troupe.bus(sources="none") as home, troupe.bus(sources="none") as away:
        async with lamp_of(home) as service:
            lamp = await away.connect(service.id, host=this_host(), port=home.port)
            states = lamp.states()
            hold((await soon(anext(states))).kind == "bound", "not bound")
            hold(await lamp.turn_on(), "no answer")
        lost = await soon(anext(states))
        hold(lost.kind == "lost" and lost.error, lost)
        await refused(autobus.ClosedError, lamp.turn_on())
        try:
            await soon(away.connect("attic", host="127.0.0.1", port=home.port))
        except autobus.Error:
            return
        hold(False, "connected to nothing")


@test
async def a_found_service_can_be_connected_to(troupe):
    async with troupe.bus() as home, troupe.bus() as away, lamp_of(home):
        async for change in away.changes(type="lamp"):
            async with await away.connect(change.service) as lamp:
                hold(await lamp.turn_on(), "no answer")
            break


@test
async def watchers_outlive_a_kill_and_a_restart(troupe):
    async with troupe.bus() as away:
        lamp = away.proxy(type="lamp")
        levels = lamp.watch("level")
        hold(await soon(anext(levels)) is autobus.GONE, "a value out of nowhere")
        for level in (10, 20, 30):
            program = await troupe.python(LAMP)
            hold(await soon(anext(levels)) == 0, "not the first value")
            await lamp.turn_on(level)
            hold(await soon(anext(levels)) == level, "not the change")
            await troupe.kill(program)
            hold(await soon(anext(levels)) is autobus.GONE, "it outlives its service")


@test
async def the_published_examples_work_together(troupe):
    lamp = await troupe.python(LAMP)
    switch = await troupe.python(SWITCH)
    line = await soon(switch.stdout.readline())
    hold(line == b"The lamp's level is 50\n", line)
    for program in (switch, lamp):
        program.send_signal(signal.SIGTERM)
        await soon(program.wait())


@test
async def an_interrupted_lamp_says_goodbye(troupe):
    async with troupe.bus() as away:
        changes = away.changes(type="lamp")
        lamp = await troupe.start(sys.executable, LAMP, stderr=asyncio.subprocess.DEVNULL)
        hold((await soon(anext(changes))).kind == "appeared", "it does not appear")
        lamp.send_signal(signal.SIGINT)
        hold((await soon(anext(changes))).kind == "left", "it does not leave")
        await soon(lamp.wait())


if __name__ == "__main__":
    main()
