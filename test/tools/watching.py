#!/usr/bin/env python3
"""autobus-ls --watch: on a pipe, as JSON, and on a terminal."""

import json
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402

DESK = {"type": "lamp", "name": "Desk lamp", "hostname": "pi", "room": "office"}


def shown(text):
    """What a terminal's bytes leave to read: without escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@test
def a_pipe_gets_a_line_for_each_change(stage):
    near, far = stage.announcer(), stage.announcer(host="127.0.0.2")
    watch = stage.start("autobus-ls", "--watch")
    near.add("id-desk", DESK)
    at = watch.wait_for("+ lamp  Desk lamp  pi  127.0.0.1:4000  room=office\n")
    far.add("id-desk", DESK)
    far.add("id-bed", {"type": "bed"})
    at = watch.wait_for("+ bed  127.0.0.2:4000\n", since=at)
    near.remove("id-desk")
    at = watch.wait_for("~ lamp  Desk lamp  pi  127.0.0.2:4000  room=office\n", since=at)
    far.remove("id-desk")
    watch.wait_for("- lamp  Desk lamp  pi  127.0.0.2:4000  room=office\n", since=at)
    watch.signal(signal.SIGINT)
    hold(watch.end() == 130, "ended with", watch.process.returncode)
    hold(watch.rest().count("\n") == 4 and watch.complaint() == "", watch.heard)


@test
def json_names_the_event_first(stage):
    announcer = stage.announcer()
    announcer.add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-wj", "lamp")
    watch.wait_for("\n")
    announcer.add("id-bed", {"type": "bed"})
    announcer.remove("id-desk")
    watch.wait_for("left")
    watch.wait_for("\n", since=watch.heard.index(b"left"))
    events = [json.loads(line) for line in watch.heard.decode().splitlines()]
    hold([event["event"] for event in events] == ["appeared", "left"], events)
    hold(all(list(event)[0] == "event" and event["service"] == "id-desk" and event["info"] == DESK
             for event in events), events)


@test
def a_request_to_end_is_obeyed_cleanly(stage):
    for number, code in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)):
        announcer = stage.announcer()
        watch = stage.start("autobus-ls", "-w")
        announcer.add("id-desk", DESK)
        watch.wait_for("+ lamp")
        watch.signal(number)
        hold(watch.end() == code and watch.complaint() == "", number, watch.process.returncode)


@test
def a_reader_that_goes_away_ends_it_quietly(stage):
    announcer = stage.announcer()
    announcer.add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-w")
    watch.wait_for("+ lamp")
    watch.close_output()
    hold(watch.end() == 0 and watch.complaint() == "", "ended with", watch.process.returncode)


@test
def a_time_limit_ends_it(stage):
    done = stage.run("autobus-ls", "-w", "-t", "0.3")
    hold(done.returncode == 3 and "lo (127.0.0.1" in done.stderr, done)
    stage.announcer().add("id-desk", DESK)
    done = stage.run("autobus-ls", "-w", "-t", "0.5")
    hold(done.returncode == 0 and done.stdout.startswith("+ lamp"), done)


@test
def a_signal_that_was_ignored_stays_ignored(stage):
    stage.announcer().add("id-desk", DESK)
    script = 'trap "" INT HUP; exec "$0" -w -t 3'
    watch = subprocess.Popen(["sh", "-c", script, stage.program("autobus-ls")], env=stage.env, text=True,
                             stdout=subprocess.PIPE)
    with watch:
        hold(watch.stdout.readline().startswith("+ lamp"), "no line")
        watch.send_signal(signal.SIGINT)
        watch.send_signal(signal.SIGHUP)
        hold(watch.wait(10) == 0, "ended with", watch.returncode)


@test
def a_terminal_shows_a_table_that_is_redrawn(stage):
    announcer = stage.announcer()
    watch = stage.start("autobus-ls", "-w", terminal=(80, 24))
    at = watch.wait_for("nothing yet")
    hold("0 services on lo (127.0.0.1" in shown(watch.heard.decode()), watch.heard)
    announcer.add("id-desk", DESK)
    at = watch.wait_for("Desk lamp", since=at)
    hold("1 service on lo" in shown(watch.heard.decode()), watch.heard)
    announcer.remove("id-desk")
    at = watch.wait_for("0 services on lo", since=at)
    at = watch.wait_for("nothing yet", since=at)
    watch.signal(signal.SIGINT)
    hold(watch.end() == 130, "ended with", watch.process.returncode)
    end = watch.rest()
    hold(end.count("\x1b[?1049h") == 1 and end.count("\x1b[?1049l") == 1, "the screen is not given back")
    hold(end.rindex("\x1b[?25h") > end.rindex("\x1b[?25l"), "the cursor stays hidden")


@test
def the_last_table_stays_after_the_end(stage):
    stage.announcer().add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-w", terminal=(80, 24))
    watch.wait_for("Desk lamp")
    watch.signal(signal.SIGTERM)
    hold(watch.end() == 0, "ended with", watch.process.returncode)
    hold("Desk lamp" in watch.rest().rpartition("\x1b[?1049l")[2], "nothing is left to read")


@test
def a_terminal_that_changes_its_size_gets_a_table_that_fits(stage):
    announcer = stage.announcer()
    for number in range(40):
        announcer.add(f"id-{number:02}", {"type": "lamp", "name": f"Lamp {number:02}", "note": "x" * 100})
    watch = stage.start("autobus-ls", "-w", terminal=(200, 60))
    watch.wait_for("40 services")
    watch.wait_for("Lamp 39")
    at = len(watch.heard)
    watch.resize(40, 10)
    watch.wait_for("and 35 more", since=at)
    frame = shown(watch.heard[at:].decode()).replace("\r", "").rpartition("40 services")[2].splitlines()
    hold(all(len(line) <= 40 for line in frame), frame)


@test
def stopping_gives_the_screen_back_for_the_while(stage):
    stage.announcer().add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-w", terminal=(80, 24))
    at = watch.wait_for("Desk lamp")
    watch.signal(signal.SIGTSTP)
    at = watch.wait_for("\x1b[?1049l", since=at)
    watch.wait_until_stopped()
    watch.signal(signal.SIGCONT)
    watch.wait_for("Desk lamp", since=watch.wait_for("\x1b[?1049h", since=at))


@test
def a_terminal_that_goes_away_ends_it(stage):
    stage.announcer().add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-w", terminal=(80, 24))
    watch.wait_for("Desk lamp")
    watch.close_output()
    hold(watch.end() == 0, "ended with", watch.process.returncode)


@test
def a_dumb_terminal_gets_lines(stage):
    stage.announcer().add("id-desk", DESK)
    watch = stage.start("autobus-ls", "-w", terminal=(80, 24), env={"TERM": "dumb"})
    watch.wait_for("+ lamp")
    hold(b"\x1b" not in watch.heard, watch.heard)


if __name__ == "__main__":
    main()
