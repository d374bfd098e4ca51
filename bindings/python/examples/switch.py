"""A switch: turns on whichever lamp there is, and tells how bright it is from then on."""

import asyncio

import autobus


async def main() -> None:
    async with autobus.Bus() as bus:
        lamp = bus.proxy(type="lamp")
        await lamp.turn_on(50)
        async for level in lamp.watch("level"):
            print(f"The lamp's level is {level}", flush=True)


asyncio.run(main())
