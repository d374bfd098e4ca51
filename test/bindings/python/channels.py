#!/usr/bin/env python3
"""Channels and streams between programs in Python: both ways, held back, closed by either end."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))

from troupe import autobus, hold, main, refused, soon, test  # noqa: E402


def desk_of(bus):
    """A service with a channel and a stream of each kind."""
    desk = bus.service(type="desk")

    @desk.channel
    async def echo(channel):
        async for message in channel:
            await channel.send(message)

    @desk.channel
    async def brief(channel):
        "Says who came, and ends."
        await channel.send(f"hello {channel.argument}")
        hold(await channel.receive() == "bye", "another goodbye")

    @desk.channel
    async def broken(channel):
        await channel.receive()
        raise ValueError("out of paper")

    @desk.channel
    async def deaf(channel):
        await asyncio.Event().wait()

    @desk.stream
    async def count(stream):
        length = len(await stream.read())
        await stream.write(f"{length} bytes".encode())
        stream.end()

    return desk


@test
async def a_channel_carries_values_and_bytes_both_ways(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.open("echo") as channel:
            for message in (1, "two", [3], {"four": None}, None, b"\x00\xff", b"x" * 30000):
                await channel.send(message)
                hold(await soon(channel.receive()) == message, "comes back changed:", message)


@test
async def either_end_closes_a_channel(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.open("brief", "Ada") as channel:
            hold(await soon(anext(channel)) == "hello Ada", "another greeting")
            await channel.send("bye")
            hold([message async for message in channel] == [], "it goes on")
            hold(channel.is_closed, "it is open")
            await refused(autobus.ClosedError, channel.send("more"))
            await refused(autobus.ClosedError, channel.receive())


@test
async def what_an_end_raises_is_the_reason_the_other_is_told(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.open("broken") as channel:
            await channel.send("print")
            hold([message async for message in channel] == [], "it goes on")
            hold(channel.reason == "out of paper", channel.reason)


@test
async def a_channel_that_is_not_offered_is_refused(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        try:
            async with asyncio.timeout(10), desk.open("gossip"):
                hold(False, "it was opened")
        except autobus.Error as problem:
            hold(str(problem), "no sentence")


@test
async def a_sender_waits_for_a_reader_that_does_not_read(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()

        async def flood(channel):
            for _ in range(1000):
                await channel.send(b"x" * 10000)

        async with desk.open("deaf") as deaf, desk.open("echo") as other:
            flooding = asyncio.create_task(flood(deaf))
            for number in range(50):
                await other.send(number)
                hold(await soon(other.receive()) == number, "it is held up by the other one")
            hold(not flooding.done(), "ten megabytes went nowhere")
            flooding.cancel()
            await asyncio.wait([flooding])


@test
async def much_goes_through_a_channel_to_a_slow_reader(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.open("echo") as channel:
            async def send():
                for number in range(300):
                    await channel.send([number, "x" * 5000])

            sending = asyncio.create_task(send())
            for number in range(300):
                hold((await soon(channel.receive()))[0] == number, "out of order")
                await asyncio.sleep(0)
            await sending


@test
async def a_stream_ends_in_each_direction_by_itself(troupe):
    async with troupe.bus() as home, troupe.bus() as away, desk_of(home):
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.stream("count") as stream:
            await soon(stream.write(b"x" * 1_000_000))
            stream.end()
            hold(await soon(stream.read(3)) == b"100", "another beginning")
            hold(await soon(stream.read()) == b"0000 bytes", "another end")
            hold(await soon(stream.read(1)) == b"", "no end")


@test
async def a_channel_closes_when_the_other_program_is_gone(troupe):
    async with troupe.bus() as away:
        home = troupe.bus().open()
        desk_of(home).publish()
        desk = away.proxy(type="desk")
        await desk.wait()
        async with desk.open("echo") as channel:
            await channel.send(1)
            await soon(channel.receive())
            await home.close()
            hold([message async for message in channel] == [], "it goes on")
            hold(channel.reason, "no reason")


if __name__ == "__main__":
    main()
