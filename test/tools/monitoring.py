#!/usr/bin/env python3
"""autobus-monitor on loopback: who comes and goes, what is said, and how much of it; with and without the right to hear
everything."""

import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from capture import read_by_tshark  # noqa: E402
from demo_lamp import DemoLamp  # noqa: E402
from stage import Skipped, hold, main, need, test  # noqa: E402

EVIL = "\x1b[2J\x07\x9b1m\u202e\x7f"
BY_TCP = {"AUTOBUS_RUNTIME_DIR": "none"}


def listening(monitor, words):
    """It listens once it has said what it can see."""
    if not monitor.process.stderr:
        monitor.wait_for("unix sockets")
    elif "-q" not in words:
        monitor.limits = monitor.process.stderr.readline().decode()
    return monitor


def privileged(stage, *words, **more):
    """A monitor that hears everything, and listens."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).close()
    except PermissionError as problem:
        raise Skipped("hearing everything takes CAP_NET_RAW") from problem
    return listening(stage.start("autobus-monitor", *words, **more), words)


def modest(stage, *words, **more):
    """A monitor that may not do so, whoever we are."""
    program = stage.program("autobus-monitor")
    less = (need("setpriv"), "--bounding-set=-net_raw", "--inh-caps=-net_raw") if os.geteuid() == 0 else ()
    return listening(stage.start_script(*less, program, *words, **more), words)


def ended(monitor, number=signal.SIGTERM, code=0):
    """Its output, once it was ended so."""
    monitor.signal(number)
    hold(monitor.end() == code, "ended with", monitor.process.returncode)
    return monitor.rest()


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def call(stage):
    done = stage.run("autobus-call", "demo.lamp", "echo", "[1,2]", env=BY_TCP)
    hold(done.returncode == 0 and done.stdout == "[1,2]\n", done)


@test
def a_service_comes_and_goes_with_its_reason(stage):
    monitor = modest(stage)
    lamp = DemoLamp(stage)
    place = f"{socket.gethostname().partition('.')[0]}  127.0.0.1:{lamp.port}"
    at = monitor.wait_for(f"  + demo.lamp  {place}\n")
    hold(f"  + bus  {place}  pid=" in monitor.heard.decode(), monitor.heard)
    lamp.does("publish", service="lamp-2", info={"type": "other.lamp"})
    at = monitor.wait_for("+ other.lamp", since=at)
    lamp.does("withdraw")
    at = monitor.wait_for(f"  - demo.lamp  {place}  withdrawn\n", since=at)
    lamp.does("publish", info={"type": "demo.lamp"})
    at = monitor.wait_for("  + demo.lamp", since=at)
    lamp.kill()
    monitor.wait_for(f"  - demo.lamp  {place}  no goodbye was heard\n", since=at, within=20)


@test
def a_bus_that_ends_says_goodbye(stage):
    monitor = modest(stage, "-j")
    publisher = stage.start("autobus-publish", "radio", "-s", "radio-1")
    monitor.wait_for('"radio-1"')
    publisher.signal(signal.SIGTERM)
    monitor.wait_for('"goodbye","service":"radio-1"')
    events = objects(ended(monitor))
    changes = {(one["event"], one["what"], one.get("reason")) for one in events if "what" in one}
    hold(changes == {("appeared", "service", None), ("appeared", "bus", None), ("left", "service", "goodbye"),
                     ("left", "bus", "goodbye")}, changes)
    datagrams = [one for one in events if one["event"] == "datagram"]
    hold({"query", "remove"} <= {one["kind"] for one in datagrams}, datagrams)
    for one in datagrams:
        hold(list(one)[:2] == ["time", "event"] and one["bytes"] > 100 and one["to"]["port"] == stage.port, one)
        hold(one["interface"] == "lo" and one["from"]["host"] == "127.0.0.1", one)
    hold(all(one["bytes"] == 480 for one in datagrams if one["kind"] == "query"), "a question is 480 bytes long")
    times = [one["time"] for one in datagrams]
    hold(times == sorted(times), times)


@test
def a_call_is_shown_with_its_sizes(stage):
    monitor = privileged(stage)
    lamp = DemoLamp(stage)
    monitor.wait_for("+ demo.lamp")
    call(stage)
    server = f"127.0.0.1:{lamp.port}"
    monitor.wait_for("  closed\n")
    told = [line[14:] for line in monitor.heard.decode().splitlines() if "  tcp  " in line]
    client = told[0].split()[1]
    hold(told == [f"tcp  {client} > {server}  opened",
                  f"tcp  {client} > {server}  83 B  bind lamp-1",
                  f"tcp  {server} > {client}  94 B  bound lamp-1",
                  f"tcp  {client} > {server}  31 B  call echo [[1,2]]",
                  f"tcp  {server} > {client}  21 B  result [1,2]",
                  told[-1]] and told[-1].endswith("closed"), told)


@test
def lines_and_frames_are_told_apart_in_json(stage):
    monitor = privileged(stage, "-j")
    lamp = DemoLamp(stage)
    monitor.wait_for('"demo.lamp"')
    call(stage)
    monitor.wait_for('"result","carried":"[1,2]"')
    stage.env["AUTOBUS_WIRE"] = "lines"
    at = len(monitor.heard)
    call(stage)
    monitor.wait_for('"result","carried":"[1,2]"', since=at)
    messages = [one for one in objects(ended(monitor)) if one["event"] == "message"]
    calls = [one for one in messages if one["kind"] == "call" and one.get("name") == "echo"]
    hold([(one["wire"], one["bytes"], one["carried"]) for one in calls] ==
         [("frames", 31, "[[1,2]]"), ("lines", 70, "[[1,2]]")], calls)
    hold(all(one["to"]["port"] == lamp.port and one["interface"] == "lo" for one in calls), calls)


@test
def without_the_right_it_says_so_and_hears_no_connection(stage):
    monitor = modest(stage)
    DemoLamp(stage)
    monitor.wait_for("+ demo.lamp")
    call(stage)
    DemoLamp(stage, "lamp-2", room="hall")
    monitor.wait_for("room=hall")
    said = ended(monitor)
    hold("  tcp  " not in said and "call" not in said, said)
    hold("not what is said to one bus alone or over TCP" in monitor.limits, monitor.limits)
    hold(monitor.complaint() == "", "it is more than a sentence")
    quiet = modest(stage, "-q", "-n", "1")
    hold(quiet.end() == 0 and quiet.complaint() == "", "it is not quiet")


@test
def with_the_right_it_says_what_is_still_missing(stage):
    monitor = privileged(stage, "-t", "0.1")
    hold(monitor.end() == 4, monitor.process.returncode)
    hold("their TCP as they pass this machine; not unix sockets" in monitor.limits, monitor.limits)
    hold("nothing came within 0.1 s" in monitor.complaint(), "it does not say why")


@test
def what_the_network_says_cannot_command_the_terminal(stage):
    announcer = stage.announcer()
    announcer.add(f"id{EVIL}", {"type": f"lamp{EVIL}"})
    for words, terminal in itertools.product(((), ("-j",), ("--stats",)), (None, (200, 24))):
        monitor = modest(stage, "--color=never", "-n", "12", *words, terminal=terminal)
        for _ in range(6):
            announcer.say(EVIL.encode())
            announcer.say(json.dumps({"command": EVIL, "service": EVIL, "info": {EVIL: EVIL}, "bus": EVIL},
                                     ensure_ascii=False).encode())
        said = monitor.rest().replace("\r\n", "\n")
        wild = [one for one in said if one != "\n" and
                (ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e")]
        hold(said and not wild, words, repr(said))
        hold("-j" not in words or terminal or all("event" in one for one in objects(said)), said)


@test
def one_connection_that_speaks_something_else_is_left_alone(stage):
    monitor = privileged(stage, "-j")
    lamp = DemoLamp(stage)
    monitor.wait_for('"demo.lamp"')
    for text in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(1000)):
        with socket.create_connection(("127.0.0.1", lamp.port)) as stranger:
            stranger.sendall(text)
            hold(stranger.recv(10) == b"", "it is answered")
    call(stage)
    monitor.wait_for('"result","carried":"[1,2]"')
    kinds = {one.get("kind") for one in objects(ended(monitor)) if one["event"] == "message"}
    hold("strange" not in kinds and "call" in kinds, kinds)


@test
def a_choice_leaves_out_the_rest(stage):
    lamp = DemoLamp(stage)
    monitor = privileged(stage, "-j", "demo.*")
    monitor.wait_for('"demo.lamp"')
    publisher = stage.start("autobus-publish", "radio", "-o", "state=5", "-s", "radio-1")
    hold(stage.run("autobus-watch", "radio", "state", "-n", "1", env=BY_TCP).stdout == "5\n", "no radio")
    publisher.signal(signal.SIGTERM)
    publisher.end()
    call(stage)
    monitor.wait_for('"result","carried":"[1,2]"')
    events = objects(ended(monitor))
    hold("radio" not in json.dumps(events), "it tells of the radio")
    hold({one["to"]["port"] for one in events if one.get("kind") == "call"} == {lamp.port}, events)
    hold([one["service"] for one in events if "what" in one] == ["lamp-1"], events)


@test
def a_count_and_a_time_end_it(stage):
    lamp = DemoLamp(stage)
    hold(modest(stage, "-n", "3").rest().count("\n") == 3, "-n")
    done = modest(stage, "-t", "0.4")
    hold(done.end() == 0 and "+ demo.lamp" in done.rest(), "-t")
    short = modest(stage, "-t", "0.4", "-n", "100000")
    hold(short.end() == 4 and "of 100000 came within 0.4 s" in short.complaint(), "both")
    lamp.kill()


@test
def signals_end_it(stage):
    DemoLamp(stage)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)):
        monitor = modest(stage)
        monitor.wait_for("+ demo.lamp")
        ended(monitor, number, code)
        hold(monitor.complaint() == "", "it complains")


@test
def a_reader_that_goes_away_ends_it_quietly(stage):
    DemoLamp(stage)
    monitor = modest(stage)
    monitor.wait_for("+ demo.lamp")
    monitor.close_output()
    hold(monitor.end() == 0 and monitor.complaint() == "", "ended with", monitor.process.returncode)


@test
def a_narrow_terminal_has_no_wrapped_lines(stage):
    DemoLamp(stage, note="x" * 100)
    monitor = modest(stage, "--color=never", "-n", "8", terminal=(40, 24))
    said = monitor.rest().replace("\r\n", "\n")
    _, _, lines = said.partition("unix sockets\n")
    hold(lines.count("\n") == 8 and all(len(line) <= 40 for line in lines.splitlines()), said)


@test
def the_statistics_add_up(stage):
    DemoLamp(stage)
    monitor = privileged(stage, "--stats", "-j")
    other = privileged(stage, "-j")
    other.wait_for('"demo.lamp"')
    call(stage)
    other.wait_for('"result","carried":"[1,2]"')
    rows = objects(ended(monitor))
    total = rows.pop()
    hold(total["event"] == "total" and total["lost"] == 0 and total["seconds"] > 0, total)
    hold({one["event"] for one in rows} == {"stats"}, rows)
    hold({"query", "bind", "call"} <= {one["kind"] for one in rows}, rows)
    for key in ("packets", "bytes"):
        hold(sum(one[key] for one in rows) == total[key], key)
        hold(abs(total[key] / total["seconds"] - total[f"{key}_per_s"]) < 0.01 * total[key] + 0.01, total)
    hold(sum(one["packets"] for one in rows if one["kind"] == "query") * 480 ==
         sum(one["bytes"] for one in rows if one["kind"] == "query"), rows)


@test
def statistics_are_a_table_and_come_so_often(stage):
    monitor = modest(stage, "--every", "0.2")
    stage.announcer().add("id-desk", {"type": "lamp"})
    monitor.wait_for("PEER")
    at = monitor.wait_for("all in ")
    monitor.wait_for("all in ", since=at)
    said = ended(monitor)
    hold(said.startswith("PEER") and "KIND" in said and "BYTES/S" in said and "id-desk" not in said, said)
    hold(any(line.split()[:2] == ["127.0.0.1:4000", "add"] for line in said.splitlines()), said)


def packets_in(path):
    """(IP protocol, payload of UDP or None) of each packet of a capture."""
    data = Path(path).read_bytes()
    magic, *_, link = struct.unpack_from("=IHHiIII", data)
    hold((magic, link) == (0xa1b23c4d, 101), "it is no capture")
    at = 24
    while at < len(data):
        _, nanoseconds, caught, length = struct.unpack_from("=IIII", data, at)
        hold(caught == length and nanoseconds < 10**9, "a packet is cut")
        packet = data[at + 16:at + 16 + length]
        hold(packet[0] >> 4 == 4 and struct.unpack_from(">H", packet, 2)[0] == length, packet)
        yield packet[9], packet[28:] if packet[9] == socket.IPPROTO_UDP else None
        at += 16 + length


@test
def a_capture_holds_what_was_heard(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/bus.pcap"
        monitor = privileged(stage, "-j", "--pcap", path)
        DemoLamp(stage)
        monitor.wait_for('"demo.lamp"')
        call(stage)
        monitor.wait_for('"result","carried":"[1,2]"')
        events = objects(ended(monitor))
        packets = list(packets_in(path))
        datagrams = [one["bytes"] for one in events if one["event"] == "datagram"]
        caught = [len(payload) for protocol, payload in packets if protocol == socket.IPPROTO_UDP]
        hold(len(datagrams) <= len(caught) and set(datagrams) <= set(caught), datagrams, caught)
        hold(sum(protocol == socket.IPPROTO_TCP for protocol, _ in packets) > 6, packets)
        told = read_by_tshark(path)
        hold(len(told) == len(packets) and any("call echo" in line for line in told), told)


@test
def a_capture_without_the_right_holds_whole_datagrams(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/bus.pcap"
        announcer = stage.announcer()
        monitor = modest(stage, "-n", "2", "--pcap", path)
        announcer.was_asked.wait(10)
        announcer.add("id-desk", {"type": "lamp"})
        hold(monitor.end() == 0, monitor.complaint())
        payloads = [payload for _, payload in packets_in(path)]
        hold(any(json.loads(payload).get("service") == "id-desk" for payload in payloads), payloads)
        wrong = read_by_tshark(path, "-o", "udp.check_checksum:TRUE", "-Y", "udp.checksum.status != 1 || ip.ttl < 1")
        hold(not wrong, "checksums:", wrong)


@test
def a_capture_can_be_the_output(stage):
    with tempfile.TemporaryDirectory() as folder:
        lamp = DemoLamp(stage)
        path = f"{folder}/out.pcap"
        with open(path, "wb") as out:
            done = subprocess.run([stage.program("autobus-monitor"), "-n", "4", "--pcap", "-"], env=stage.env,
                                  stdout=out, check=False, timeout=10)
        hold(done.returncode == 0 and list(packets_in(path)), done)
        refused = stage.start("autobus-monitor", "--pcap", "-", terminal=(80, 24))
        hold(refused.end() == 2 and "not for a terminal" in refused.rest(), refused.heard)
        lamp.kill()


@test
def a_capture_that_cannot_be_written_is_a_failure(stage):
    stage.announcer().add("id-desk", {"type": "lamp"})
    with tempfile.TemporaryDirectory() as folder:
        for path, part in (("/dev/full", "could not be written whole"),
                           (f"{folder}/no/bus", "cannot be written: No such")):
            monitor = modest(stage, "-q", "-n", "3", "-t", "5", "--pcap", path)
            hold(monitor.end() == 1 and part in monitor.complaint(), path)


@test
def mistakes_are_told_in_one_sentence(stage):
    for words, part in ((["lamp", "set"], "'set'"), (["-t", "soon"], "soon"), (["--every", "0"], "--every"),
                        (["--any", "lamp"], "--any"), (["1.2.3.4:5"], "-k port=5"), (["--pcap"], "--pcap"),
                        (["--pcap", "-", "--stats"], "--stats"), (["--interfaces", "nonesuch0"], "nonesuch0")):
        done = stage.run("autobus-monitor", *words)
        hold(done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, words, done)
        hold(done.stderr.startswith("autobus-monitor: ") and part in done.stderr, words, done)


if __name__ == "__main__":
    main()
