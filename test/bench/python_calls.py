#!/usr/bin/env python3
"""What the Python binding costs a call: calls a second in C and in Python, in one run, on one machine.

    python3 test/bench/python_calls.py --build build/release

The service is the same in all rows: a function in C that echoes, except in the last, where it is in Python too.
"""

import argparse
import asyncio
import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", ROOT / "build/release"), type=Path)
    parser.add_argument("--calls", default=20000, type=int)
    return parser.parse_args()


async def one_by_one(remote, calls):
    begun = time.perf_counter()
    for _ in range(calls):
        await remote.echo(50)
    return calls / (time.perf_counter() - begun)


async def side_by_side(remote, calls, width=64):
    async def some():
        for _ in range(calls // width):
            await remote.echo(50)

    begun = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(width)))
    return calls / (time.perf_counter() - begun)


def by_hand(raw, remote, calls):
    """The raw face through ctypes and nothing else: a thread that waits for each answer."""
    text = ctypes.c_void_p()
    begun = time.perf_counter()
    for _ in range(calls):
        raw.call(remote, b"echo", b"[50]", 5000, text)
        raw.take(text.value)
    return calls / (time.perf_counter() - begun)


async def in_python(autobus, raw, calls):
    async with autobus.Bus(sources="none") as home, autobus.Bus(sources="none") as away:
        service = home.service(type="echo")
        service.function(lambda value: value, name="echo")
        service.publish()
        remote = await away.connect(service.id, host="127.0.0.1", port=home.port)
        yield "Python serves and calls, one after the other", await one_by_one(remote, calls)
        yield "Python serves and calls, 64 at a time", await side_by_side(remote, calls)


async def against_c(autobus, raw, port, calls):
    async with autobus.Bus(sources="none") as away:
        remote = await away.connect("echo", host="127.0.0.1", port=port)
        await one_by_one(remote, calls // 10)
        waiting = asyncio.to_thread(by_hand, raw, remote._handle.number, calls)
        yield "ctypes alone, a waiting thread", await waiting
        yield "asyncio, one after the other", await one_by_one(remote, calls)
        yield "asyncio, 64 at a time", await side_by_side(remote, calls)


def main():
    options = arguments()
    bench = options.build / "test/bench-raw_calls"
    os.environ["AUTOBUS_LIBRARY"] = str(options.build / "libautobus/libautobus.so")
    sys.path.insert(0, str(ROOT / "bindings/python"))
    import autobus
    from autobus.library import raw

    rates = json.loads(subprocess.run([bench, str(options.calls)], check=True, capture_output=True).stdout)
    rows = [("C, a waiting thread", rates["c"]), ("C by raw.h, a waiting thread", rates["raw"])]
    serving = subprocess.Popen([bench, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(serving.stdout.readline())

    async def measure():
        rows.extend([row async for row in against_c(autobus, raw, port, options.calls)])
        rows.extend([row async for row in in_python(autobus, raw, options.calls)])

    try:
        asyncio.run(measure())
    finally:
        serving.communicate()
    print("| calls | a second | µs each |\n|---|---|---|")
    for name, rate in rows:
        print(f"| {name} | {rate:,.0f} | {1e6 / rate:.0f} |")


main()
