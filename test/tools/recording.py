#!/usr/bin/env python3
"""autobus-record and autobus-replay: what is recorded, that it comes back as it was, and what becomes of damage."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import PRESSED, STATE, DemoLamp, OldLamp  # noqa: E402
from stage import PATIENCE, Skipped, hold, main, test  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
HEAD = {"autobus": "recording", "version": 1}
LAMP = {"service": "lamp-1", "info": {"type": "lamp", "name": "Desk"}}
EVIL = "\x1b[2J\x07\x9b1m\u202e\x7f"
CROWD = 40


def line(ms, kind, **more):
    return {"ms": ms, "kind": kind, "service": "lamp-1", **more}


def file_of(folder, *lines, name="made.jsonl", end="\n"):
    path = Path(folder) / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in (HEAD, *lines)) + end)
    return str(path)


def lines_of(text):
    """What a recording says, its first line left out."""
    first, *rest = [json.loads(one) for one in text.splitlines()]
    hold(first["autobus"] == "recording" and first["version"] == 1 and first["began"].endswith("Z"), first)
    return rest


def told(lines):
    """The same without what may differ between two recordings of one thing; the end, too, is somebody's choice."""
    bare = [{key: value for key, value in one.items() if key != "ms"} for one in lines if one["kind"] != "end"]
    for one in bare:
        one.get("info", {}).pop("hostname", None)
    return bare


def times(lines, kind):
    """When lines of a kind were, from the first of them on."""
    all_ms = [one["ms"] for one in lines if one["kind"] == kind]
    return [ms - all_ms[0] for ms in all_ms]


class Recorder:
    """A running autobus-record, read line by line."""

    def __init__(self, stage, *words):
        self.running = stage.start("autobus-record", *words)
        self._at = self.running.wait_for('"began"')

    def wait_for(self, text):
        self._at = self.running.wait_for(text, since=self._at)

    def end(self):
        """Its lines, all of them."""
        self.running.signal(signal.SIGTERM)
        hold(self.running.end() == 0, self.running.process.returncode)
        lines = lines_of(self.running.rest())
        hold(lines[-1]["kind"] == "end", lines[-1])
        hold(all(a["ms"] <= b["ms"] for a, b in zip(lines, lines[1:])), "time goes back")
        return lines


class Replayer:
    """A running autobus-replay whose lines are given to it one by one."""

    def __init__(self, stage, *words):
        self.running = stage.start("autobus-replay", "--speed", "max", *words, stdin=subprocess.PIPE)
        self.play(HEAD)

    def play(self, *lines):
        for one in lines:
            self.running.process.stdin.write(json.dumps(one).encode() + b"\n")
        self.running.process.stdin.flush()

    def end(self):
        self.running.process.stdin.close()
        code = self.running.end()
        self.running.process.stdin = None
        return code


def until_it_grows(path, size):
    deadline = time.monotonic() + PATIENCE
    while not path.exists() or path.stat().st_size <= size:
        hold(time.monotonic() < deadline, path, "does not grow beyond", size)
        time.sleep(0.01)


def need_zstd(stage):
    done = stage.run("autobus-record", "-q", "-o", "/dev/null/x.zst", "-t", "0.1")
    if "without libzstd" in done.stderr:
        raise Skipped("built without libzstd")


def fails(stage, words, *parts, code=1, **more):
    done = stage.run("autobus-replay", *words, **more)
    hold(done.returncode == code and done.stdout == "" and done.stderr.count("\n") == 1, words, done)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


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
    for lines, factor in ((once, 1), (twice, 2)):
        hold(all(abs(ms * factor - wanted) < 400 for ms, wanted in zip(times(lines, "fired"), (0, 200, 500))),
             "fired at", times(lines, "fired"))
        hold(1100 < times(lines, "value")[-1] * factor < 1900, times(lines, "value"))


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
    done = stage.run("autobus-record", "demo.lamp", "-t", "0.6")
    hold(done.returncode == 0 and done.stderr == "" and '"level"' in done.stdout, done)
    done = stage.run("autobus-record", "demo.lamp", "-t", "0.6", "-n", "50")
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
        replay = stage.start("autobus-replay", "--gap", "0.5", str(path))
        heard.wait_for('"left"')
        hold(replay.end() == 0 and replay.complaint() == "", "it does not end well")
        lines = heard.end()
        hold([one["value"] for one in lines if one.get("object") == "level"][-1] == 41, lines)
        whole = path.read_bytes()
        path.write_bytes(whole[:-3])
        fails(stage, ["--speed", "max", str(path)], "is cut off")
        path.write_bytes(whole + b"garbage")
        fails(stage, ["--speed", "max", str(path)], f"{path}, line ", "is damaged")


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
    hold(done.returncode == 0 and done.stderr.count("\n") == 1 and "lamp-1: o is left out" in done.stderr, done)


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
def an_old_peer_with_such_names_is_recorded_as_it_is(stage):
    lamp = OldLamp(stage)
    heard = Recorder(stage)
    heard.wait_for('"level"')
    lamp.set("level", EVIL)
    heard.wait_for("202e")
    values = [one["value"] for one in heard.end() if one.get("object") == "level"]
    hold(values == [0, EVIL], values)


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


@test
def who_replays_what_he_himself_records_makes_one_of_each_and_no_more(stage):
    DemoLamp(stage)
    for words, count in (([], 1), (["--new-ids"], 2)):
        script = '"$0" demo.lamp | "$@"'
        both = stage.start_script("sh", "-c", script, stage.program("autobus-record"), stage.program("autobus-replay"),
                                  "--speed", "max", *words)
        said = both.process.stderr.readline().decode()
        hold("is left out" in said, said)
        done = stage.run("autobus-ls", "-j", "demo.lamp")
        hold(done.stdout.count("\n") == count, words, done)
        os.killpg(both.process.pid, signal.SIGTERM)
        both.end()


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
    hold([one["value"] for one in heard.end() if one["kind"] == "value"] == [21.0, 21.1, 21.2, 21.3], "not its values")


@test
def mistakes_are_told_in_one_sentence(stage):
    for tool, words, part in (("record", ["lamp", "heater"], "'heater'"), ("record", ["-s", "x", "lamp"], "'lamp'"),
                              ("record", ["-n", "0"], "-n"), ("record", ["10.0.0.2:80/x"], "place"),
                              ("record", ["--each"], "--each"), ("replay", ["a", "b"], "'b'"),
                              ("replay", ["--speed", "0", "a"], "--speed"), ("replay", ["--speed", "fast", "a"], "max"),
                              ("replay", ["--speed", "1e3", "a"], "--speed"), ("replay", ["--gap", "x", "a"], "--gap")):
        done = stage.run(f"autobus-{tool}", *words)
        hold(done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1, tool, words, done)
    terminal = stage.start("autobus-replay", terminal=(80, 24))
    hold("say which FILE" in terminal.rest() and terminal.end() == 2, terminal.heard)


if __name__ == "__main__":
    main()
