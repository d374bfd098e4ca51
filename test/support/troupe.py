"""What the tests of the Python binding share: buses on loopback with a port of their own, programs beside them, and a
verdict that also counts what is left over: handles, ears, descriptors, tasks, warnings.

Each test is a coroutine declared with @test; it is told as `ok NAME` or `not ok NAME: why`.
"""

import asyncio
import gc
import os
import sys
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("AUTOBUS_BUILD", ROOT / "build/release")).resolve()
os.environ["AUTOBUS_LIBRARY"] = str(BUILD / "libautobus/libautobus.so")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bindings/python"), str(ROOT / "test/support")]
warnings.simplefilter("error")

from stage import free_port, hold  # noqa: E402

import autobus  # noqa: E402
from autobus.ear import ears, handles  # noqa: E402

PATIENCE = 10
_tests = []


def test(function):
    """Declares a test of the file that is run; its name is read as a sentence."""
    if function.__module__ == "__main__":
        _tests.append(function)
    return function


class Troupe:
    """One test's world: buses that meet on loopback, and programs that it started."""

    def __init__(self):
        self.port = free_port()
        self.env = {**os.environ, "AUTOBUS_PORT": str(self.port), "AUTOBUS_INTERFACES": "lo",
                    "PYTHONPATH": str(ROOT / "bindings/python"), "PYTHONDONTWRITEBYTECODE": "1"}
        self._programs = []

    def bus(self, **options):
        return autobus.Bus(udp_port=self.port, interfaces="lo", hold_back_ms=0, say_times="0,10", **options)

    async def start(self, *argv, **more):
        """A program whose output can be read line by line."""
        pipe = asyncio.subprocess.PIPE
        program = await asyncio.create_subprocess_exec(*map(str, argv), env=self.env, stdout=pipe, **more)
        self._programs.append(program)
        return program

    async def python(self, *argv):
        return await self.start(sys.executable, "-W", "error", *argv)

    async def kill(self, program):
        if program.returncode is None:
            program.kill()
        await program.communicate()
        self._programs.remove(program)

    async def strike(self):
        for program in list(self._programs):
            await self.kill(program)


async def soon(awaitable):
    """With a bound on patience."""
    async with asyncio.timeout(PATIENCE):
        return await awaitable


async def _until_next_look():
    await asyncio.sleep(0.001)


async def eventually(condition, what):
    """Looks again after each turn of the loop, until it is true."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        hold(asyncio.get_running_loop().time() < end, what)
        await _until_next_look()


async def refused(kind, awaitable):
    """The sentence of an error of exactly that class."""
    try:
        await soon(awaitable)
    except autobus.Error as problem:
        hold(type(problem) is kind, "raised", type(problem).__name__, problem)
        return str(problem)
    raise AssertionError(f"was not refused with {kind.__name__}")


def _descriptors():
    return len(os.listdir("/proc/self/fd"))


async def _act(function, complaints):
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, told: complaints.append(f"{told['message']}: {told.get('exception')!r}"))
    troupe = Troupe()
    try:
        await function(troupe)
    finally:
        await troupe.strike()


def _perform(function):
    complaints = []
    sys.unraisablehook = lambda told: complaints.append(repr(told.exc_value))
    name = function.__name__.replace("_", " ")
    before = _descriptors()
    try:
        asyncio.run(_act(function, complaints))
        gc.collect()
        left = {"handles": handles(), "ears": ears(), "descriptors": _descriptors() - before}
        hold(not any(left.values()), "left over:", left)
        hold(not complaints, *complaints)
    except (Exception, asyncio.CancelledError) as problem:
        traceback.print_exc()
        print(f"not ok {name}: {' '.join(str(problem).split()) or type(problem).__name__}", flush=True)
        return False
    print(f"ok {name}", flush=True)
    return True


def main():
    words = sys.argv[1:]
    chosen = [one for one in _tests if not words or any(word in one.__name__ for word in words)]
    sys.exit(not all([_perform(one) for one in chosen]))
