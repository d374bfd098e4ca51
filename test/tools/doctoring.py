#!/usr/bin/env python3
"""autobus-doctor on a machine with nothing but loopback: what it prints, and how it ends."""

import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp, OldLamp  # noqa: E402
from stage import hold, main, test  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def doctor(stage, *words, **more):
    return stage.run("autobus-doctor", "-t", "0.3", *words, **more)


def says(done, code, *parts):
    """Its last line says all of that, and it ends so."""
    hold(done.returncode == code and done.stderr == "", done)
    for part in parts:
        hold(part in done.stdout.splitlines()[-1], f"{part!r} is not in {done.stdout!r}")
    return done


@test
def a_service_that_answers_is_well(stage):
    lamp = DemoLamp(stage)
    done = says(doctor(stage, "demo.lamp"), 0, f"All is well: 'lamp-1' is seen at 127.0.0.1:{lamp.port}")
    hold(done.stdout.startswith("CHECK") and "127.0.0.1/8" in done.stdout and "\x1b" not in done.stdout, done)
    says(doctor(stage, "-s", "lamp-1", "-k", "type=demo.*"), 0, "'lamp-1' is seen")
    says(doctor(stage, lamp.place), 0, f"{lamp.place} accepts connections and answers.")
    says(stage.run("autobus", "doctor", "-t", "0.3", "demo.lamp"), 0, "All is well")


@test
def quietly_there_are_no_headings(stage):
    DemoLamp(stage)
    done = says(doctor(stage, "-q", "demo.lamp"), 0, "All is well")
    hold("CHECK" not in done.stdout and "\n\n" not in done.stdout and done.stdout.startswith("port "), done)


@test
def in_json_each_check_is_a_line_and_the_verdict_the_last(stage):
    DemoLamp(stage)
    done = says(doctor(stage, "-j", "demo.lmp"), 3)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    hold(all({"check", "subject", "state", "found"} <= set(line) for line in lines), lines)
    hold({line["state"] for line in lines} <= {"ok", "note", "bad"}, lines)
    hold([line["check"] for line in lines] == ["port", "interface", "heard", "bus", "avahi", "verdict"], lines)
    hold(lines[-1] == {"check": "verdict", "subject": "near-name", "state": "bad", "exit": 3,
                       "found": "No 'demo.lmp' is seen, but 'demo.lamp' is: try that name."}, lines[-1])


@test
def a_place_is_examined_too(stage):
    lamp = DemoLamp(stage)
    place = lamp.place.partition("/")[0]
    says(doctor(stage, place), 0, f"{place} accepts connections and answers.")
    says(doctor(stage, f"{place}/none"), 3, f"The bus at {place} is there but does not offer '{place}/none'")
    says(doctor(stage, "127.0.0.1:1"), 1, "nothing accepts connections there")


@test
def what_speaks_something_else_is_no_bus(stage):
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = stage.start("autobus-doctor", "-t", "0.3", f"127.0.0.1:{server.getsockname()[1]}/x")
        for _ in range(2):
            client, _ = server.accept()
            client.sendall(b"SSH-2.0-none\r\n")
            client.close()
        hold(running.end() == 7 and "speaks something else than Autobus" in running.rest(), running.heard)


@test
def old_peers_are_told_apart(stage):
    OldLamp(stage, "old-1")
    says(doctor(stage, "demo.lamp"), 0, "'old-1' is seen")
    hold("Autobus 2 at 127.0.0.1" in doctor(stage).stdout, "it is not heard")


@test
def without_discovery_there_is_one_reason(stage):
    says(doctor(stage, "--discovery", "none", "lamp"), 1, "Discovery is off")
    says(doctor(stage, env={"AUTOBUS_DISCOVERY": "none"}), 1, "Discovery is off")


@test
def the_hint_of_the_others_leads_here(stage):
    for verb in ("ls", "show", "call"):
        words = ["lamp", "-k", "room=my hall", *(["set"] if verb == "call" else [])]
        done = stage.run(f"autobus-{verb}", *words, "-t", "0.2")
        hold(done.returncode == 3, done)
        hold("  autobus-doctor lamp -k 'room=my hall' looks for the cause.\n" in done.stderr, verb, done.stderr)
    hold("  autobus-doctor looks for" in stage.run("autobus-ls", "-t", "0.2").stderr, "without a type")


@test
def what_the_network_says_cannot_command_the_terminal(stage):
    evil = "\x1b[2J\x07\x9b1m\u202e\x7f"
    announcer = stage.announcer()
    announcer.add(f"id{evil}", {"type": f"lamp{evil}"})
    announcer.say(evil.encode())
    for words in ((), ("lam",), ("*",), ("-j", "*")):
        for terminal in (None, (80, 24)):
            said = stage.start("autobus-doctor", "-t", "0.3", "--color=never", *words, terminal=terminal).rest()
            wild = [one for one in said.replace("\r\n", "\n") if one != "\n" and
                    (ord(one) < 32 or 0x7f <= ord(one) < 0xa0 or one == "\u202e")]
            hold(said and not wild, words, repr(said))


@test
def a_narrow_terminal_has_no_wrapped_rows_and_the_whole_sentence(stage):
    said = stage.start("autobus-doctor", "-t", "0.3", terminal=(40, 24)).rest().replace("\r\n", "\n")
    rows, _, sentence = said.partition("\n\n")
    hold(all(len(row.replace("\x1b[1m", "").replace("\x1b[33m", "").replace("\x1b[0m", "")) <= 40
             for row in rows.split("\n")), rows)
    hold("no interface but loopback" in sentence and "connect it" in sentence, sentence)


@test
def each_cause_is_documented(_stage):
    source = (ROOT / "busd-less-tools/doctor/verdict.c").read_text(encoding="utf-8")
    causes = re.findall(r'\{"([a-z-]+)", TOOL_', source)
    page = (ROOT / "docs/tools.md").read_text(encoding="utf-8")
    hold(len(causes) > 30 and all(f"`{cause}`" in page for cause in causes),
         [cause for cause in causes if f"`{cause}`" not in page])


@test
def an_interrupt_ends_it(stage):
    announcer = stage.announcer()
    running = stage.start("autobus-doctor", "-t", "60")
    hold(announcer.was_asked.wait(10), "it does not ask")
    running.signal(signal.SIGINT)
    hold(running.end() == 130 and running.rest() == "", running.heard)


@test
def mistakes_are_told_in_one_sentence(stage):
    for words, part in ((["lamp", "set"], "'set'"), (["-t", "soon"], "soon"), (["-n", "3"], "-n"),
                        (["--any", "lamp"], "--any"), (["1.2.3.4:5", "-k", "a=b"], "place"),
                        (["--interfaces", "nonesuch0"], "nonesuch0"), (["--discovery", "telepathy"], "telepathy")):
        done = stage.run("autobus-doctor", *words)
        hold(done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, words, done)
        hold(done.stderr.startswith("autobus-doctor: ") and part in done.stderr, words, done)


if __name__ == "__main__":
    main()
