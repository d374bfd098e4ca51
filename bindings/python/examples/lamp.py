"""A lamp: others can set how bright it is, and watch it."""

import asyncio

import autobus


async def main() -> None:
    async with autobus.Bus() as bus:
        lamp = bus.service(type="lamp", name="kitchen")
        lamp.object("level", 0)

        @lamp.function
        def turn_on(level: int = 100) -> bool:
            "Sets how bright the lamp is, in percent."
            lamp.set("level", level)
            return True

        await lamp.serve()


asyncio.run(main())
