#!/usr/bin/env python3
"""The dissector for Wireshark: it understands every example of docs/protocol.md, however packets are cut, and shows
what is wrong."""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from capture import Capture, conversations, datagrams, frames, read_by_tshark  # noqa: E402
from stage import hold, main, test  # noqa: E402

BIND = ({"_type": 1, "_id": "1", "_command": "bind", "service": "lamp-1", "autobus": 1, "frames": 1},
        {"_type": 2, "_id": "1", "service": "lamp-1", "bus": "5ee1d0c4b2a39786", "frames": 1})
PING = bytes.fromhex("000000000b0000000100000000000000")


def dissected(capture, *fields, words=()):
    """Of each packet that is Autobus its column of information, or if they are given, the values of these fields."""
    names = fields or ("_ws.col.Info",)
    with tempfile.TemporaryDirectory() as folder:
        capture.write(f"{folder}/sample.pcap")
        lines = read_by_tshark(f"{folder}/sample.pcap", *words, "-Y", "autobus", "-T", "fields", "-E", "separator=/t",
                               "-E", "aggregator=;", *(word for name in names for word in ("-e", name)))
    return [line.split("\t") if fields else line for line in lines]


def goes_over_to_frames(send):
    for side, message in zip("CS", BIND, strict=True):
        send(side, json.dumps(message, separators=(",", ":")).encode() + b"\r\n")


def name_in(message):
    about = message.get("name") or message.get("service")
    return f" {about}" if about else ""


@test
def each_datagram_of_the_document_is_understood(_stage):
    capture, told = Capture(), [json.loads(one) for one in datagrams()]
    for number, one in enumerate(datagrams()):
        capture.datagram(one, (40000, 52722) if number % 2 or one[:11] != b'{"command":' else (40000, 40001))
    rows = dissected(capture, "autobus.form", "autobus.command", "autobus.bus", "autobus.seq", "autobus.port",
                     "autobus.count", "autobus.interval", "autobus.service", "autobus.about", "autobus.malformed")
    keys = ("command", "bus", "seq", "port", "count", "interval", "service", "about")
    hold(rows == [["datagram", *(str(one.get(key, "")) for key in keys), ""] for one in told], rows)


@test
def names_are_shown_as_they_read(_stage):
    capture = Capture()
    for service in ("caf\u00e9", 'a "b" \\u0041', "20 \u20ac"):
        capture.datagram(json.dumps({"command": "remove", "service": service, "port": 1}).encode())
    hold(dissected(capture) == ["remove caf\u00e9", 'remove a "b" \\u0041', "remove 20 \u20ac"], dissected(capture))


@test
def each_line_of_the_document_is_understood(_stage):
    capture, told = Capture(), []
    for conversation in [*conversations("connection"), *conversations("usage")]:
        send = capture.connection()
        for side, line in conversation:
            if line.startswith(b"{"):
                told.append(json.loads(line))
                send(side, line)
    rows = dissected(capture, "autobus.type", "autobus.command", "autobus.name", "autobus.service", "autobus.channel",
                     "autobus.credit", "autobus.text", "autobus.malformed", "_ws.expert")
    want = []
    for one in told:
        values = (one["_type"], one.get("_command", ""), one.get("name", ""), one.get("service", "") or
                  ("null" if "service" in one else ""), one.get("channel", ""), one.get("credit", ""),
                  (one.get("_error") or {}).get("text", ""))
        want.append([*map(str, values), "", ""])
    hold(len(told) > 90 and rows == want, [(row, one) for row, one in zip(rows, want, strict=False) if row != one])


@test
def each_frame_of_the_document_is_understood_wherever_packets_end(_stage):
    capture = Capture()
    whole, cut = capture.connection(), capture.connection()
    goes_over_to_frames(whole)
    goes_over_to_frames(cut)
    for side, frame in frames():
        whole(side, frame)
        for at in range(0, len(frame), 7):
            cut(side, frame[at:at + 7])
    both = capture.connection()
    goes_over_to_frames(both)
    for side in "CS":
        both(side, b"".join(frame for who, frame in frames() if who == side))
    want = ["call add", "result", "call add", "error", "watch level", "changed level", "unwatch level", "gone level",
            "listen switched", "ping", "pong", "fired switched", "unlisten switched", "open echo", "opened", "data",
            "blob", "credit", "close", "open pipe", "end", "unbound",
            "bind window-1", "watch level", "bind door-1", "call add", "bound", "changed level", "unbound", "result",
            "grant", "unbind", "unbound"]
    sides = ["; ".join(title for title, (who, _) in zip(want, frames(), strict=True) if who == side) for side in "CS"]
    for words in ((), ("-2",)):
        titles = [line for line in dissected(capture, words=words) if line not in ("bind lamp-1", "bound lamp-1")]
        hold(titles == [title for title in want for _ in range(2)] + sides, words, titles)


@test
def what_a_frame_holds_can_be_asked_for(_stage):
    capture = Capture()
    send = capture.connection()
    goes_over_to_frames(send)
    for side, frame in frames():
        send(side, frame)
    rows = dissected(capture, "autobus.frame.kind", "autobus.frame.number", "autobus.credit", "autobus.code",
                     "autobus.json", "autobus.text", "autobus.frame.stream")[2:]
    hold(rows[0] == ["0x01", "1", "", "", "[2,3]", "", "0"], rows[0])
    hold(rows[3] == ["0x03", "2", "", "4", "", "Not a list.", "0"], rows[3])
    hold(rows[13] == ["0x10", "1", "65536", "", "null", "", "0"], rows[13])
    hold(rows[19][-1] == "1" and rows[17] == ["0x14", "1", "32768", "", "", "", "0"], rows[17], rows[19])
    hold(not any("Malformed" in row for row in rows), rows)


@test
def a_long_message_is_shown_in_its_parts(_stage):
    capture = Capture()
    send = capture.connection()
    goes_over_to_frames(send)
    full = bytes.fromhex("00000100020100000100000000000000") + b'"' + b"x" * 65535
    last = bytes.fromhex("02000000020000000100000000000000") + b'x"'
    for at in range(0, len(full), 1400):
        send("S", full[at:at + 1400])
    send("S", last + PING)
    hold(dissected(capture)[2:] == ["result (goes on)", "result; ping"], dissected(capture))


@test
def a_capture_may_begin_in_the_middle(_stage):
    capture = Capture()
    send = capture.connection()
    for side, frame in frames()[:2]:
        send(side, frame)
    send = capture.connection()
    send("C", b'{"_type":1,"_id":"1","_command":"ping"}\r\n{"_type":1,"_id":"2","_command":"ping"}\r\n')
    hold(dissected(capture) == ["call add", "result", "ping; ping"], dissected(capture))


@test
def what_is_wrong_is_shown_and_what_is_something_else_is_left_alone(_stage):
    capture = Capture()
    for broken in (PING[:4] + b"\x19" + PING[5:], b"\4\0\0\0\4" + bytes(11) + b"\xff\0\0\0",
                   b"\1\0\0\0\x0b" + bytes(12), b"\1\0\0\0\4" + bytes(11) + b"\1"):
        send = capture.connection()
        goes_over_to_frames(send)
        send("C", broken)
    send = capture.connection()
    send("C", b'{"_type":1,"_command":"ping"}\n[7]\n')
    send = capture.connection()
    send("C", b"GET / HTTP/1.1\r\n\r\n")
    capture.datagram(b"hello")
    capture.datagram(b'{"command":5}')
    rows = dissected(capture, "autobus.form", "autobus.malformed")
    wrong = [row for row in rows if row[0] != "line" or row[1]]
    hold([form for form, _ in wrong] == ["", "frame", "frame", "frame", "line"], rows)
    hold(all(why for _, why in wrong), rows)


if __name__ == "__main__":
    main()
