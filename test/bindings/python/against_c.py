#!/usr/bin/env python3
"""Python and C in both directions: a program in C uses a lamp in Python, and Python uses its fan."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))

from serving import lamp_of  # noqa: E402
from troupe import BUILD, autobus, hold, main, refused, soon, test  # noqa: E402


async def guest_of(troupe):
    """The program in C, with its fan on the network."""
    guest = await troupe.start(BUILD / "test/bindings-guest", stdin=asyncio.subprocess.PIPE)
    line = await soon(guest.stdout.readline())
    hold(line == b"ready\n", line)
    return guest


async def heard(guest, *lines):
    """Waits until it has said all of these, in whatever order."""
    missing, said = set(lines), []
    while missing:
        line = (await soon(guest.stdout.readline())).decode().strip()
        hold(line, "it ended; missing", missing, "of", said)
        said.append(line)
        missing.discard(line)


@test
async def python_uses_a_fan_in_c(troupe):
    async with troupe.bus() as bus:
        guest = await guest_of(troupe)
        fan = bus.proxy(type="fan", name="ceiling")
        hold(await fan.spin(2) is True, "another answer")
        speeds, stops = fan.watch("speed"), fan.listen("stopped")
        hold(await soon(anext(speeds)) == 2, "not the value of now")
        await fan.spin(3)
        hold(await soon(anext(speeds)) == 3, "not the change")
        guest.stdin.write(b"fire\n")
        hold(await soon(anext(stops)) == ("tired", 3), "other arguments")
        hold("speed" in await refused(autobus.InvalidError, fan.spin(4)), "the parameter is not named")
        hold(await refused(autobus.RemoteError, fan.break_down()) == "the fan is broken", "another sentence")
        async with fan.open("echo") as channel:
            await channel.send({"to": "C"})
            hold(await soon(channel.receive()) == {"to": "C"}, "comes back changed")
        await troupe.kill(guest)
        hold(await soon(anext(speeds)) is autobus.GONE, "it outlives its service")


@test
async def a_lamp_in_python_is_used_by_c(troupe):
    async with troupe.bus() as bus:
        lamp, talked = lamp_of(bus), []

        @lamp.channel
        async def talk(channel):
            talked.append((channel.argument, await channel.receive()))
            await channel.send("good night")

        lamp.publish()
        guest = await guest_of(troupe)
        guest.stdin.write(b"use\n")
        await heard(guest, "turned on true", "value level 50", "answer slow [0.01]", "answer fail !no bulb",
                    "opened talk null", 'data talk "good night"')
        hold(talked == [("C", "good evening")], talked)
        lamp.fire("pressed", "front")
        await heard(guest, 'fired pressed ["front"]')
        lamp.set("level", 7)
        await heard(guest, "value level 7")
        lamp.close()
        await heard(guest, "gone level null")
        guest.stdin.close()
        hold(await soon(guest.wait()) == 0, "ended with", guest.returncode)


if __name__ == "__main__":
    main()
