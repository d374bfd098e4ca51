#!/usr/bin/env python3
"""autobus-replay: what was recorded comes back as it was, and what becomes of damage."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import PRESSED, STATE, DemoLamp  # noqa: E402
from recordings import (EVIL, HEAD, LAMP, Recorder, Replayer, fails, file_of, line, lines_of,  # noqa: E402
                        need_zstd, times, told)
from stage import PATIENCE, free_port, hold, main, test  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


@test
def a_recording_of_a_replay_says_the_same_at_the_same_pace(stage):
    made = [line(0, "appeared", info=LAMP["info"], doc="On the desk."),
            line(0, "event", event="pressed", description=PRESSED),
            line(0, "value", object="level", value=0, description={"doc": "How bright.", "type": "integer"}),
            line(0, "value", object="state", value={"on": False}, description=STATE),
            line(1500, "value", object="level", value=40),
            line(1500, "fired", event="pressed", args=[1]),
            line(1700, "fired", event="pressed", args=["twice", {"a": [1.5, None]}]),
            line(1900, "gone", object="state"),
            line(2000, "fired", event="pressed", args=[]),
            line(2100, "left"),
            {"ms": 2100, "kind": "end"}]
    with tempfile.TemporaryDirectory() as folder:
        first = Recorder(stage)
        hold(stage.run("autobus-replay", file_of(folder, *made)).returncode == 0, "it does not end well")
        first.wait_for('"left"')
        once = first.end()
        hold(told(once) == told(made), told(once))
        second = Recorder(stage)
        again = stage.start("autobus-replay", "--speed", "2", file_of(folder, *once, name="again.jsonl"))
        second.wait_for('"left"')
        hold(again.end() == 0, again.process.returncode)
        twice = second.end()
    hold(told(twice) == told(once), told(twice))
    for lines, factor in ((once, 1), (twice, 2)):  # whoever is late makes one time longer and another one shorter
        hold(abs(times(lines, "value")[-1] * factor - 1500) < 700, times(lines, "value"))
        hold(times(lines, "fired")[-1] * factor < 1200, times(lines, "fired"))


@test
def functions_and_channels_are_not_there(stage):
    with tempfile.TemporaryDirectory() as folder:
        replay = stage.start("autobus-replay", file_of(folder, line(0, "appeared", info=LAMP["info"]),
                                                       line(60000, "left")), stdin=subprocess.DEVNULL)
        for words, part in ((["call", "lamp", "set", "on=true"], "No such function"),
                            (["chat", "lamp", "talk"], "There is no such channel")):
            done = stage.run(f"autobus-{words[0]}", *words[1:], stdin=subprocess.DEVNULL)
            hold(done.returncode == 3 and part in done.stderr and words[2] in done.stderr, done)
        replay.signal(signal.SIGTERM)
        hold(replay.end() == 0, replay.process.returncode)


@test
def a_finished_compressed_recording_says_so_and_can_be_replayed(stage):
    need_zstd(stage)
    DemoLamp(stage)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lamp.zst"
        done = stage.run("autobus-record", "-o", str(path), "-n", "2", "-t", "8")
        hold(done.returncode == 0 and done.stdout == "", done)
        hold(done.stderr == f"autobus-record: {path}: 1 services, 2 values and events\n", done)
        with path.open("rb") as packed:
            done = subprocess.run([stage.program("autobus-replay"), "-v", "--speed", "max", "--new-ids"], env=stage.env,
                                  stdin=packed, capture_output=True, timeout=PATIENCE, check=False, text=True)
        hold(done.returncode == 0 and "lamp-1 appears as " in done.stderr, done)


@test
def damage_is_told_with_its_line_and_what_was_before_is_replayed(stage):
    lamp = [{"kind": "appeared", "ms": 0, **LAMP}]
    for bad, part in (("{]", "is no JSON object"), ('{"ms":0,"kind":"left","x":"\0"}', "is no JSON object"),
                      ({"kind": "end"}, '"ms"'), (line(0, "value", object="x"), '"value"'),
                      ({"ms": 0, "kind": "left", "service": "nobody"}, "'nobody'")):
        with tempfile.TemporaryDirectory() as folder:
            path = file_of(folder, *lamp, bad)
            fails(stage, ["--speed", "max", "--new-ids", path], f"{path}, line 3 ", part)
    with tempfile.TemporaryDirectory() as folder:
        path = file_of(folder, *lamp, line(5, "event", event="x"), line(4, "event", event="y"))
        fails(stage, ["--new-ids", path], f"{path}, line 4 ", "4 ms", "5 ms")
        path = file_of(folder, *lamp, '{"ms":2000,"kin', end="")
        fails(stage, ["--new-ids", "--speed", "max", path], f"{path}, line 3 ", "is cut off")
        heard = Recorder(stage)
        replay = stage.start("autobus-replay", file_of(folder, *lamp, line(1000, "event", event="x"), "damage"))
        heard.wait_for('"left"')
        hold(replay.end() == 1 and [one["kind"] for one in heard.end()][:1] == ["appeared"], "not replayed")


@test
def what_is_no_recording_is_refused(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        for text, part in (("", "is empty"), ("hello\n", "line 1 "), ('{"ms":0,"kind":"end"}\n', "line 1 "),
                           ('{"autobus":"recording","version":2}\n', "version 2"), ("(not zstd)\n", "line 1 ")):
            path.write_text(text)
            fails(stage, [str(path)], str(path), part)
        path.write_text(json.dumps(HEAD) + '\n{"ms":0,"kind":"' + "x" * (32 * 1024 * 1024 + 10) + '"}\n')
        fails(stage, [str(path)], "line 2 is longer than 32 MiB")
    fails(stage, ["/dev/null/x"], "/dev/null/x cannot be read: Not a dir")
    fails(stage, ["/"], "/ could not be read: Is a directory")


@test
def what_nobody_knows_is_passed_over(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = file_of(folder, line(0, "appeared", info={"type": "x"}, colour="red"), line(0, "sparkle", glitter=[1]),
                       line(0, "value", object="o", value=None, description={"type": "colour"}),
                       line(0, "left", why=None), end="")
        done = stage.run("autobus-replay", "--speed", "max", path)
    hold(done.returncode == 0 and done.stderr.count("\n") == 1, done)
    hold("lamp-1: what is said of 'o' is left out: " in done.stderr, done)


@test
def names_cannot_command_the_terminal_nor_keep_the_rest_away(stage):
    evil = [line(0, "appeared", info={"type": "x", EVIL: EVIL}), line(0, "value", object=EVIL, value=EVIL),
            line(0, "fired", event=EVIL, args=[EVIL]), line(0, "value", object="good", value=EVIL)]
    heard = Recorder(stage)
    replay = Replayer(stage, "-v")
    replay.play(*evil)
    heard.wait_for('"good"')
    replay.play(line(0, "left"), {"ms": 0, "kind": "left", "service": EVIL})
    hold(replay.end() == 1, "nobody is not there")
    said = replay.running.complaint() + heard.running.heard.decode()
    wild = [one for one in said if one != "\n" and (ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e")]
    hold(not wild and "is left out" in said and "tells of the service" in said, wild, said)
    values = {one["object"]: one["value"] for one in heard.end() if one["kind"] == "value"}
    hold(values == {"good": EVIL}, values)


@test
def whose_id_is_there_already_is_left_out_unless_it_gets_a_new_one(stage):
    DemoLamp(stage)
    with tempfile.TemporaryDirectory() as folder:
        path = file_of(folder, line(0, "appeared", info={"type": "x"}), line(0, "value", object="o", value=1),
                       line(9000, "left"))
        replay = stage.start("autobus-replay", path)
        said = replay.process.stderr.readline().decode()
        hold("lamp-1 is left out: it is on the network already" in said and "--new-ids" in said, said)
        hold(stage.run("autobus-ls", "x", "-t", "0.2").returncode == 3, "it is offered nevertheless")
        replay.signal(signal.SIGINT)
        hold(replay.end() == 130, replay.process.returncode)
        quiet = stage.start("autobus-replay", "--new-ids", path)
        done = stage.run("autobus-watch", "-j", "x", "o", "-n", "1", "-t", "8")
        hold(done.returncode == 0 and json.loads(done.stdout)["service"] != "lamp-1", done)
        quiet.signal(signal.SIGTERM)
        hold(quiet.end() == 0 and quiet.complaint() == "", quiet.process.returncode)


def wait_until_listed(stage, count):
    """So many lamps and never more."""
    deadline = time.monotonic() + PATIENCE
    while (listed := stage.run("autobus-ls", "-j", "demo.lamp").stdout.count("\n")) != count:
        hold(listed < count and time.monotonic() < deadline, listed, "are listed, and not", count)


@test
def who_replays_what_he_himself_records_makes_one_of_each_and_no_more(stage):
    DemoLamp(stage)
    for words, count in (([], 1), (["--new-ids"], 2)):
        script = '"$0" demo.lamp | "$@"'
        both = stage.start_script("sh", "-c", script, stage.program("autobus-record"), stage.program("autobus-replay"),
                                  "--speed", "max", *words)
        try:
            said = both.process.stderr.readline().decode()
            hold("is left out" in said, said)
            wait_until_listed(stage, count)
        finally:  # the shell's children too
            os.killpg(both.process.pid, signal.SIGTERM)
        both.end()


@test
def its_services_are_at_the_port_that_it_is_told(stage):
    port = free_port(socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory() as folder:
        file = file_of(folder, line(0, "appeared", info=LAMP["info"]), line(0, "value", object="level", value=7),
                       line(60000, "left"))
        stage.start("autobus-replay", file, "--tcp-port", str(port))
        watch = stage.start("autobus-watch", f"127.0.0.1:{port}/lamp-1", "level", "-n", "1", "-t", "8")
        hold(watch.end() == 0 and watch.rest() == "7\n", watch.heard)


@test
def a_loop_begins_again_and_a_gap_is_shortened(stage):
    heard = Recorder(stage, "-q")
    with tempfile.TemporaryDirectory() as folder:
        path = file_of(folder, line(0, "appeared", info={"type": "x"}), line(0, "value", object="o", value=1),
                       line(3_600_000, "left"), line(7_200_000, "appeared", info={"type": "x"}))
        replay = stage.start("autobus-replay", "--loop", "--gap", "0.4", path)
        for _ in range(2):
            heard.wait_for('"appeared"')
            heard.wait_for('"left"')
        replay.signal(signal.SIGTERM)
        hold(replay.end() == 0, replay.process.returncode)
        done = stage.run("autobus-replay", "--loop", "-t", "0.5", file_of(folder, line(0, "appeared", info={})))
        hold(done.returncode == 0, done)
    fails(stage, ["--loop"], "only once", input="")


@test
def what_is_recorded_can_be_replayed_elsewhere_as_it_comes(stage):
    lamp = DemoLamp(stage)
    recorder = stage.start("autobus-record", "-s", "lamp-1")
    replay = Replayer(stage, "--new-ids")
    watch = stage.start("autobus-watch", "demo.lamp", "-k", "name=twin", "level")
    recorder.wait_for('"level"')
    for one in lines_of(recorder.heard.decode()):
        if one["kind"] == "appeared":
            one["info"]["name"] = "twin"
        replay.play(one)
    at = watch.wait_for("0\n")
    lamp.set("level", 7)
    recorder.wait_for('"value":7')
    replay.play(lines_of(recorder.heard.decode())[-1])
    watch.wait_for("7\n", since=at)
    hold(replay.end() == 0, "it does not end with its input")


@test
def the_page_on_recordings_says_what_is_true(stage):
    page = (ROOT / "docs/recordings.md").read_text(encoding="utf-8")
    sample, = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    script, = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    heard = Recorder(stage)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        path.write_text(sample)
        done = stage.run("autobus-replay", "--speed", "1.5", str(path))
        hold(done.returncode == 0 and done.stderr == "", done)
    heard.wait_for('"left"')
    hold(told(heard.end()) == told(lines_of(sample)), "it is replayed as something else")
    heard = Recorder(stage)
    script = "PATH=$0:$PATH; " + script
    hold(stage.start_script("sh", "-c", script, str(stage.build)).end() == 0, "the script fails")
    heard.wait_for('"left"')
    values = [one["value"] for one in heard.end() if one["kind"] == "value"]
    hold(values and values == [21.0, 21.1, 21.2, 21.3][-len(values):], values)


@test
def mistakes_are_told_in_one_sentence(stage):
    for tool, words, part in (("record", ["lamp", "heater"], "'heater'"), ("record", ["-s", "x", "lamp"], "'lamp'"),
                              ("record", ["-n", "0"], "-n"), ("record", ["10.0.0.2:80", "lamp"], "'lamp'"),
                              ("record", ["--each"], "--each"), ("replay", ["a", "b"], "'b'"),
                              ("replay", ["--speed", "0", "a"], "--speed"), ("replay", ["--speed", "fast", "a"], "max"),
                              ("replay", ["--speed", "1e3", "a"], "--speed"), ("replay", ["--gap", "x", "a"], "--gap")):
        done = stage.run(f"autobus-{tool}", *words)
        hold(done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1, tool, words, done)
    terminal = stage.start("autobus-replay", terminal=(80, 24))
    hold("say which FILE" in terminal.rest() and terminal.end() == 2, terminal.heard)


if __name__ == "__main__":
    main()
