#!/usr/bin/env python3
"""Sends forged discovery packets as fast as it can, for stories of hostile networks.

flooder.py KIND COUNT ADDRESS [PORT]   KIND: announcements, buses, questions, noise or ports
"""

import json
import random
import socket
import sys


def announcement(number):
    return {"command": "add", "service": f"forged-{number}", "port": 1 + number % 65535,
            "info": {"type": "forged", "number": number, "text": "x" * (number % 200)}}


def bus(number):
    return {"command": "presence", "bus": f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}", "seq": 1,
            "port": 1 + number % 65535, "count": 1 + number % 50, "digest": f"{number:016x}", "interval": 10000}


def question(_number):
    return {"command": "query"}


def noise(number):
    dice = random.Random(number)
    return bytes(dice.randrange(256) for _ in range(dice.randrange(1, 80)))


KINDS = {"announcements": announcement, "buses": bus, "questions": question, "noise": noise,
         "ports": announcement}


def sender():
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    return out


def main(kind, count, address, port=52722):
    make, where = KINDS[kind], (address, int(port))
    out = sender()
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        if kind == "ports" and number % 100 == 0:
            out.close()
            out = sender()
        packet = make(number)
        try:
            out.sendto(packet if isinstance(packet, bytes) else json.dumps(packet).encode(), where)
        except BlockingIOError:
            pass
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
