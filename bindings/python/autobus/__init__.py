"""Autobus for Python: programs of a network find each other and work together, with no server at all.

Everything happens in an asyncio loop, on a bus:

    async with autobus.Bus() as bus:
        lamp = bus.proxy(type="lamp")
        await lamp.turn_on(50)
        async for level in lamp.watch("level"):
            print(level)
"""

from .bus import Bus
from .channel import Channel, Stream
from .description import Range, Unit
from .errors import (AmbiguousError, BusyError, ClosedError, DeniedError, Error, ForkedError, IncompatibleError,
                     InUseError, InvalidError, NotFoundError, RemoteError, TimedOutError, TooLargeError,
                     WrongThreadError)
from .remote import GONE, Answer, Answers, Fired, Multi, Reading, Remote, State, Unbound
from .service import Service
from .sighting import Change, Sighting
from .subscription import Subscription

__all__ = [
    "GONE", "AmbiguousError", "Answer", "Answers", "Bus", "BusyError", "Change", "Channel", "ClosedError",
    "DeniedError", "Error", "Fired", "ForkedError", "InUseError", "IncompatibleError", "InvalidError", "Multi",
    "NotFoundError", "Range", "Reading", "Remote", "RemoteError", "Service", "Sighting", "State", "Stream",
    "Subscription", "TimedOutError", "TooLargeError", "Unbound", "Unit", "WrongThreadError",
]
__version__ = "0.1.0"
