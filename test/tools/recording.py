#!/usr/bin/env python3
"""autobus-record: what services do becomes lines, and what becomes of them whatever happens."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import PRESSED, DemoLamp, OldLamp  # noqa: E402
from recordings import EVIL, Recorder, fails, lines_of, need_zstd, told, until_it_grows  # noqa: E402
from stage import PATIENCE, free_port, hold, main, test  # noqa: E402

CROWD = 40


@test
def what_a_service_does_is_recorded_with_what_it_says_of_itself(stage):
    for kind in (DemoLamp, OldLamp):
        lamp = kind(stage, name="Desk")
        recorder = Recorder(stage, "demo.lamp")
        recorder.wait_for('"value":0')  # behind which the events are heard
        lamp.set("level", 40)
        recorder.wait_for('"value":40')
        lamp.fire(1)
        lamp.fire("twice", {"a": None})
        recorder.wait_for('"twice"')
        lamp.kill()
        recorder.wait_for('"left"')
        lines = recorder.end()
        hold(lines[0]["kind"] == "appeared" and lines[0]["service"] == "lamp-1", lines[0])
        hold(lines[0]["info"]["name"] == "Desk", lines[0])
        said = told(lines)
        for one in ({"kind": "value", "service": "lamp-1", "object": "level", "value": 0},
                    {"kind": "fired", "service": "lamp-1", "event": "pressed", "args": ["twice", {"a": None}]}):
            hold(one in said, one, "is not in", said)
        if kind is DemoLamp:
            events = [one for one in lines if one["kind"] == "event"]
            hold(events[0]["description"]["parameters"] == PRESSED["parameters"], events)
        news = [one["value"] if "value" in one else one["args"] for one in lines if one["kind"] in ("value", "fired")
                and one.get("object") != "state"]
        hold(news == [0, 40, [1], ["twice", {"a": None}]], news)


@test
def what_comes_later_and_what_comes_back_is_recorded_too(stage):
    recorder = Recorder(stage)
    lamp = DemoLamp(stage)
    recorder.wait_for('"state"')
    lamp.does("add_object", name="extra", value=1)
    recorder.wait_for('"extra"')
    lamp.does("add_event", name="held")
    recorder.wait_for('"held"')
    lamp.does("remove", kind="object", name="extra")
    recorder.wait_for('"gone"')
    lamp.kill()
    recorder.wait_for('"left"')
    lamp.start()
    recorder.wait_for('"appeared"')
    other = DemoLamp(stage, "lamp-2")
    recorder.wait_for('"lamp-2"')
    other.kill()
    recorder.wait_for('"left"')
    lines = recorder.end()
    came = [(one["kind"], one["service"]) for one in lines if one["kind"] in ("appeared", "left")]
    hold(came == [("appeared", "lamp-1"), ("left", "lamp-1"), ("appeared", "lamp-1"), ("appeared", "lamp-2"),
                  ("left", "lamp-2")], came)
    hold([one for one in told(lines) if one["kind"] == "gone"] ==
         [{"kind": "gone", "service": "lamp-1", "object": "extra"}], lines)


@test
def only_what_was_chosen_is_recorded(stage):
    DemoLamp(stage, "lamp-1", room="attic")
    DemoLamp(stage, "lamp-2", room="cellar")
    for words in (["demo.lamp", "-k", "room=attic"], ["-s", "lamp-1"], ["demo.*", "-k", "room=a*"]):
        done = stage.run("autobus-record", *words, "-n", "2", "-t", "8")
        hold(done.returncode == 0 and {one["service"] for one in lines_of(done.stdout)[:-1]} == {"lamp-1"}, words, done)
        hold(len([one for one in lines_of(done.stdout) if one["kind"] == "value"]) == 2, done)


def came_and_left(lines):
    return [(one["kind"], one["service"]) for one in lines if one["kind"] in ("appeared", "left")]


@test
def a_service_at_a_place_is_recorded_without_discovery_and_over_its_restarts(stage):
    lamp = DemoLamp(stage, tcp_port=free_port(socket.SOCK_STREAM))
    recorder = Recorder(stage, f"127.0.0.1:{lamp.port}/lamp-1", "--discovery", "none")
    recorder.wait_for('"level"')
    lamp.fire(7)
    recorder.wait_for("[7]")
    lamp.does("add_object", name="extra", value=1)
    recorder.wait_for('"extra"')
    lamp.kill()
    recorder.wait_for('"left"')
    lamp.start()
    recorder.wait_for('"level"')
    lamp.set("level", 9)
    recorder.wait_for('"value":9')
    lines = recorder.end()
    hold(came_and_left(lines) == [("appeared", "lamp-1"), ("left", "lamp-1"), ("appeared", "lamp-1")], lines)
    said = recorder.running.complaint()
    hold("waiting for it" in said and f"127.0.0.1:{lamp.port} is back" in said and said.count("\n") == 2, said)


@test
def all_services_at_a_place_are_recorded_as_they_come_and_go(stage):
    lamp = DemoLamp(stage, tcp_port=free_port(socket.SOCK_STREAM))
    recorder = Recorder(stage, f"127.0.0.1:{lamp.port}")
    recorder.wait_for('"level"')
    lamp.does("publish", service="bell", info={"type": "bell"})
    recorder.wait_for('"bell"')
    lamp.does("withdraw", service="lamp-1")
    recorder.wait_for('"left"')
    lines = recorder.end()
    hold(came_and_left(lines) == [("appeared", "lamp-1"), ("appeared", "bell"), ("left", "lamp-1")], lines)


@test
def a_place_where_nothing_is_yet_is_waited_for(stage):
    port = free_port(socket.SOCK_STREAM)
    done = stage.run("autobus-record", f"127.0.0.1:{port}/lamp-1", "-t", "0.3")
    hold(done.returncode == 3 and "is not there" in done.stderr and "nothing matched" in done.stderr, done)
    lamp = DemoLamp(stage, "lamp-2", tcp_port=port)
    recorder = Recorder(stage, f"127.0.0.1:{port}/lamp-1")
    hold("there is no 'lamp-1' at" in recorder.running.process.stderr.readline().decode(), "it does not say so")
    lamp.does("publish", service="lamp-1", info={"type": "lamp"})
    recorder.wait_for('"appeared"')
    hold(came_and_left(recorder.end()) == [("appeared", "lamp-1")], recorder.running.heard)


@test
def the_librarys_own_services_are_recorded_if_one_asks(stage):
    lamp = DemoLamp(stage)
    for word in ("*", f"127.0.0.1:{lamp.port}"):
        recorder = Recorder(stage, "--all", word)
        for text in ('"object":"details"', '"object":"level"'):
            recorder.running.wait_for(text)  # in whichever order
        types = [one["info"]["type"] for one in recorder.end() if one["kind"] == "appeared"]
        hold(sorted(types) == ["autobus.details", "demo.lamp"], word, types)


@test
def a_crowd_on_one_bus_is_recorded(stage):
    words = ["--bus", "bus", "--options", "{}"]
    for number in range(CROWD):
        for command in ({"do": "publish", "info": {"type": "one"}}, {"do": "add_object", "name": "o", "value": number}):
            words += ["--do", json.dumps({"bus": "bus", "service": f"one-{number}", "number": 0, **command})]
    crowd = stage.start("autobus-actor", *words, stdin=subprocess.PIPE)
    crowd.wait_for('"ready"')
    done = stage.run("autobus-record", "-n", str(CROWD), "-t", "8")
    values = {one["service"]: one["value"] for one in lines_of(done.stdout) if one["kind"] == "value"}
    hold(done.returncode == 0 and values == {f"one-{number}": number for number in range(CROWD)}, values)


@test
def who_cannot_be_asked_is_recorded_as_far_as_it_is_known(stage):
    recorder = Recorder(stage)
    stage.announcer().say(b'{"command":"add","service":"mute","port":1,"info":{"type":"x","n":1e999}}')
    recorder.wait_for('"appeared"')
    hold('"service":"mute","info":{"type":"x","n":1e999}}' in recorder.running.heard.decode(), recorder.running.heard)
    recorder.end()


@test
def of_two_that_claim_an_id_the_newer_one_is_recorded(stage):
    recorder = Recorder(stage)
    older, newer = stage.announcer(), stage.announcer(host="127.0.0.2")
    older.add("twin", {"type": "older"})
    recorder.wait_for('"older"')
    newer.add("twin", {"type": "newer"})
    recorder.wait_for('"newer"')
    came = [(one["kind"], one.get("info", {}).get("type")) for one in recorder.end()[:-1]]
    hold(came == [("appeared", "older"), ("left", None), ("appeared", "newer")], came)
    said = recorder.running.complaint()
    hold("two services claim the id twin" in said and said.count("\n") == 1, said)


@test
def time_and_count_end_it_and_what_was_there_decides_how(stage):
    done = stage.run("autobus-record", "nonsuch", "-t", "0.3")
    hold(done.returncode == 3 and "'nonsuch'" in done.stderr and "autobus-doctor" in done.stderr, done)
    hold([one["kind"] for one in lines_of(done.stdout)] == ["end"], done)
    DemoLamp(stage)
    done = stage.run("autobus-record", "demo.lamp", "-t", "1.5")
    hold(done.returncode == 0 and done.stderr == "" and '"level"' in done.stdout, done)
    done = stage.run("autobus-record", "demo.lamp", "-t", "1.5", "-n", "50")
    hold(done.returncode == 4 and "only 2 of 50" in done.stderr, done)


@test
def signals_and_a_reader_who_goes_end_it_well(stage):
    DemoLamp(stage)
    for number, code in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)):
        recorder = stage.start("autobus-record", "demo.lamp")
        recorder.wait_for('"level"')
        recorder.signal(number)
        hold(recorder.end() == code and recorder.complaint() == "", number, recorder.process.returncode)
        hold(lines_of(recorder.rest())[-1]["kind"] == "end", number)
    recorder = stage.start("autobus-record")
    recorder.wait_for('"level"')
    recorder.close_output()
    hold(recorder.end() == 0 and recorder.complaint() == "", recorder.process.returncode)


@test
def a_file_is_emptied_when_there_is_something_to_write(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_text("precious")
        done = stage.run("autobus-record", "-o", str(path), "--discovery", "telepathy")
        hold(done.returncode == 2 and path.read_text() == "precious", done)
        done = stage.run("autobus-record", "-o", str(path), "nonsuch", "-t", "0.1")
        hold(done.returncode == 3 and [one["kind"] for one in lines_of(path.read_text())] == ["end"], done)


@test
def a_disk_that_is_full_is_told_in_one_sentence(stage):
    DemoLamp(stage)
    done = stage.run("autobus-record", "-o", "/dev/full")
    hold(done.returncode == 1 and done.stderr.count("\n") == 1, done)
    hold("/dev/full could not be written: No space" in done.stderr, done)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([stage.program("autobus-record")], env=stage.env, stdout=full, stderr=subprocess.PIPE,
                              timeout=PATIENCE, check=False, text=True)
    hold(done.returncode == 1 and done.stderr.count("\n") == 1 and "could not be written" in done.stderr, done)
    done = stage.run("autobus-record", "-o", "/dev/null/x")
    hold(done.returncode == 1 and "/dev/null/x cannot be written: Not a dir" in done.stderr, done)


@test
def what_fitted_on_the_disk_can_be_read(stage):
    lamp = DemoLamp(stage)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.jsonl"
        narrow = 'trap "" XFSZ; ulimit -f 2; exec "$0" -q -o "$1"'  # 2 blocks, be they of 512 or of 1024 bytes
        recorder = stage.start_script("sh", "-c", narrow, stage.program("autobus-record"), str(path))
        until_it_grows(path, 300)
        lamp.set("state", {"long": "x" * 3000})
        hold(recorder.end() == 1, recorder.process.returncode)
        said = recorder.complaint()
        hold(said.count("\n") == 1 and "small.jsonl could not be written: File too large" in said, said)
        lines = lines_of(path.read_text())
        hold(path.read_bytes().endswith(b"\n") and lines[-1]["kind"] != "end", lines)
        lamp.kill()
        hold(stage.run("autobus-replay", "--speed", "max", str(path)).returncode == 0, "it cannot be replayed")


@test
def a_compressed_recording_outlives_the_death_of_its_recorder(stage):
    need_zstd(stage)
    lamp = DemoLamp(stage)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lamp.zst"
        recorder = stage.start("autobus-record", "-o", str(path))
        until_it_grows(path, 0)
        size = path.stat().st_size
        lamp.set("level", 41)
        until_it_grows(path, size)
        recorder.signal(signal.SIGKILL)
        recorder.end()
        lamp.kill()
        heard = Recorder(stage)
        replay = stage.start("autobus-replay", "--speed", "max", stdin=subprocess.PIPE)
        replay.process.stdin.write(path.read_bytes())
        replay.process.stdin.flush()
        heard.wait_for('"value":41')  # it stays for as long as there may be more
        replay.process.stdin.close()
        hold(replay.end() == 0 and replay.complaint() == "", "it does not end well")
        heard.end()
        whole = path.read_bytes()
        path.write_bytes(whole[:-3])
        fails(stage, ["--speed", "max", str(path)], "is cut off")
        path.write_bytes(whole + b"garbage")
        fails(stage, ["--speed", "max", str(path)], f"{path}, line ", "is damaged")


@test
def an_old_peer_with_such_names_is_recorded_as_it_is(stage):
    lamp = OldLamp(stage)
    heard = Recorder(stage)
    heard.wait_for('"level"')
    lamp.set("level", EVIL)
    heard.wait_for("202e")
    values = [one["value"] for one in heard.end() if one.get("object") == "level"]
    hold(values == [0, EVIL], values)


if __name__ == "__main__":
    main()
