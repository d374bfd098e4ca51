#!/usr/bin/env python3
"""What the Python binding costs a call: calls a second in C and in Python, in one run, on one machine.

    python3 test/bench/python_calls.py --build build/release

The service is the same in all rows, a function in C that echoes, in a process of its own; except in the last two,
where Python serves itself in the same process. Each number is the median of five rounds.
"""

import argparse
import asyncio
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", ROOT / "build/release"), type=Path)
    parser.add_argument("--calls", default=5000, type=int)
    return parser.parse_args()


async def one_by_one(remote, calls):
    for _ in range(calls):
        await remote.echo(50)


async def side_by_side(remote, calls, width=64):
    await asyncio.gather(*(one_by_one(remote, calls // width) for _ in range(width)))


async def by_hand(remote, calls):
    """The raw face through ctypes and nothing else: a thread that waits for each answer."""
    from autobus.library import raw

    def work():
        text = ctypes.c_void_p()
        for _ in range(calls):
            raw.call(remote._handle.number, b"echo", b"[50]", 5000, text)
            raw.take(text.value)

    await asyncio.to_thread(work)


async def rate(way, remote, calls):
    rates = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await way(remote, calls)
        rates.append(calls / (time.perf_counter() - begun))
    return statistics.median(rates)


async def measure(autobus, port, calls):
    async with autobus.Bus(sources="none") as home, autobus.Bus(sources="none") as away:
        remote = await away.connect("echo", host="127.0.0.1", port=port)
        await one_by_one(remote, calls // 10)
        yield "ctypes alone, a waiting thread", await rate(by_hand, remote, calls)
        yield "asyncio, one after the other", await rate(one_by_one, remote, calls)
        yield "asyncio, 64 at a time", await rate(side_by_side, remote, calls)
        service = home.service(type="echo")
        service.function(lambda value: value, name="echo")
        service.publish()
        remote = await away.connect(service.id, host="127.0.0.1", port=home.port)
        yield "Python serves and calls, one after the other", await rate(one_by_one, remote, calls)
        yield "Python serves and calls, 64 at a time", await rate(side_by_side, remote, calls)


async def collected(rows):
    return [row async for row in rows]


def main():
    options = arguments()
    bench = options.build / "test/bench-raw_calls"
    os.environ["AUTOBUS_LIBRARY"] = str(options.build / "libautobus/libautobus.so")
    sys.path.insert(0, str(ROOT / "bindings/python"))
    import autobus

    serving = subprocess.Popen([bench, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        port = int(serving.stdout.readline())
        told = subprocess.run([bench, str(port), str(options.calls)], check=True, capture_output=True).stdout
        rows = [("C, a waiting thread", json.loads(told)["c"]),
                ("C by raw.h, a waiting thread", json.loads(told)["raw"]),
                *asyncio.run(collected(measure(autobus, port, options.calls)))]
    finally:
        serving.communicate()
    print("| calls | a second | µs each |\n|---|---|---|")
    for name, calls in rows:
        print(f"| {name} | {calls:,.0f} | {1e6 / calls:.0f} |")


main()
