#!/usr/bin/env python3
"""autobus-ls without --watch: what it lists, in which form, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import cpu_of_children, hold, is_busy, main, test  # noqa: E402


def household(stage):
    """Four services and one of the library's own."""
    announcer = stage.announcer()
    announcer.add("id-desk", {"type": "lamp", "name": "Desk lamp", "hostname": "pi", "room": "office", "level": 3})
    announcer.add("id-bed", {"type": "lamp", "name": "Bedside", "hostname": "attic", "room": "attic"}, 4001)
    announcer.add("id-heat", {"type": "heater", "hostname": "pi", "room": "office", "limits": {"max": 60}}, 4002)
    announcer.add("id-own", {"type": "autobus.details", "hostname": "pi", "pid": 7})
    announcer.add("id-bare", {})
    return announcer


def ids(stage, *words):
    """Which services are listed, in the order listed."""
    done = stage.run("autobus-ls", "--json", *words)
    hold(done.returncode in (0, 3), done)
    return [json.loads(line)["service"].removeprefix("id-") for line in done.stdout.splitlines()]


@test
def a_table_shows_what_is_there(stage):
    household(stage)
    done = stage.run("autobus-ls")
    hold(done.returncode == 0 and done.stderr == "", done)
    hold(done.stdout.splitlines() == [
        "TYPE    NAME       HOST   ADDRESS         INFO",
        "-                         127.0.0.1:4000",
        "heater             pi     127.0.0.1:4002  room=office limits={\"max\":60}",
        "lamp    Bedside    attic  127.0.0.1:4001  room=attic",
        "lamp    Desk lamp  pi     127.0.0.1:4000  room=office level=3",
    ], done.stdout)


@test
def a_real_service_is_listed_and_then_gone(stage):
    lamp = stage.start("01-lamp", stdin=subprocess.PIPE)
    lamp.wait_for("on the network")
    hold("Desk lamp" in stage.run("autobus-ls", "lamp").stdout, "it is not listed")
    lamp.process.stdin.write(b"\n")
    lamp.process.stdin.flush()
    hold(lamp.end() == 0, "the lamp failed")
    hold(stage.run("autobus-ls", "lamp").returncode == 3, "it is still listed")


@test
def conditions_choose(stage):
    household(stage)
    hold(ids(stage) == ["bare", "heat", "bed", "desk"], "all")
    hold(ids(stage, "lamp") == ["bed", "desk"], "by type")
    hold(ids(stage, "l*p") == ["bed", "desk"], "by a glob of the type")
    hold(ids(stage, "-k", "room=office") == ["heat", "desk"], "by equality")
    hold(ids(stage, "-k", "room=[ao]*", "-k", "level") == ["desk"], "by glob and presence")
    hold(ids(stage, "-k", "!room") == ["bare"], "by absence")
    hold(ids(stage, "lamp", "-k", "room!=office") == ["bed"], "by inequality")
    hold(ids(stage, "-k", "level=3") == ["desk"], "by a number")
    hold(ids(stage, "-k", "limits.max=60") == ["heat"], "by a nested key")
    hold(ids(stage, "-k", "port=4001") == ["bed"], "by what the receiver fills in")
    hold(ids(stage, "-s", "id-heat") == ["heat"], "by id")
    hold(ids(stage, "-s", "id-own") == ["own"], "by the id of one of the library's own")
    hold(ids(stage, "fan") == [], "by a type that is not there")


@test
def the_librarys_own_services_are_shown_on_request(stage):
    household(stage)
    hold("own" not in ids(stage, "*"), "a glob is no request")
    hold("own" in ids(stage, "--all"), "--all")
    hold(ids(stage, "autobus.*") == ["own"], "by type")
    hold(ids(stage, "-k", "type=autobus.details") == ["own"], "by condition")
    hold(ids(stage, "-k", "pid=7") == [], "another condition is no request")
    hold(ids(stage, "-a", "-k", "pid=7") == ["own"], "both")


@test
def json_is_one_object_a_line(stage):
    household(stage)
    done = stage.run("autobus-ls", "-j", "-k", "name=Desk*")
    hold(json.loads(done.stdout) == {
        "service": "id-desk", "host": "127.0.0.1", "port": 4000,
        "info": {"type": "lamp", "name": "Desk lamp", "hostname": "pi", "room": "office", "level": 3},
        "locations": [{"host": "127.0.0.1", "port": 4000}],
    }, done.stdout)
    hold(list(json.loads(done.stdout)) == ["service", "host", "port", "info", "locations"], "the order of keys")


@test
def long_shows_everything(stage):
    announcer = household(stage)
    announcer.add("id-heat", {"type": "heater", "hostname": "pi", "room": "office", "limits": {"max": 60}}, 4002)
    done = stage.run("autobus-ls", "--long", "heater")
    hold(done.stdout.splitlines()[:5] == ["heater", "  service   id-heat", "  location  127.0.0.1:4002", "  info",
                                          "    type: \"heater\""], done.stdout)
    hold("    limits: {" in done.stdout and "\"max\": 60" in done.stdout, done.stdout)


@test
def members_are_columns_and_keys_on_request(stage):
    household(stage)
    lamp = DemoLamp(stage)
    row = next(line for line in stage.run("autobus-ls", "--members").stdout.splitlines() if "demo.lamp" in line)
    hold(row.split()[3:] == ["add,echo,fail,hold,set", "level,state", "pressed"], row)
    told = json.loads(stage.run("autobus-ls", "-jm", "demo.lamp").stdout)
    hold(told["port"] == lamp.port and told["functions"]["set"]["returns"] == "boolean", told)
    hold("functions" not in json.loads(stage.run("autobus-ls", "-jm", "heater").stdout), "who does not tell has none")
    hold("functions" not in json.loads(stage.run("autobus-ls", "-j", "demo.lamp").stdout), "nobody asked for them")


@test
def the_tree_goes_from_machines_to_members(stage):
    household(stage)
    lamp = DemoLamp(stage, room="hall")
    lamp.does("add_event", name="a\u202e")
    lines = stage.run("autobus-ls", "--tree").stdout.splitlines()
    hold(lines[:3] == ["-", "└─ 127.0.0.1:4000", "   └─ -"], lines)
    at = lines.index("pi")
    hold(lines[at:at + 5] == ["pi", "├─ 127.0.0.1:4000", "│  └─ lamp  Desk lamp  room=office level=3",
                              "└─ 127.0.0.1:4002", "   └─ heater  room=office limits={\"max\":60}"], lines)
    at = lines.index(f"└─ 127.0.0.1:{lamp.port}")
    hold(lines[at + 1:at + 3] == ["   └─ demo.lamp  room=hall", "      ├─ function add(...)"], lines)
    hold("      ├─ event a\\u202e(...)" in lines and lines[-1] == "      └─ channel talk", lines)
    narrow = stage.run("autobus-ls", "--tree", env={"COLUMNS": "30"}).stdout.splitlines()
    hold(max(len(line) for line in narrow) <= 30, narrow)


@test
def a_place_is_listed_without_discovery(stage):
    household(stage)
    lamp = DemoLamp(stage, room="hall")
    bus, alone = lamp.place.partition("/")[0], {"AUTOBUS_INTERFACES": "", "AUTOBUS_DISCOVERY": "none"}
    for words, types in (([bus], ["demo.lamp"]), ([lamp.place], ["demo.lamp"]),
                         ([bus, "-a"], ["autobus.details", "demo.lamp"])):
        done = stage.run("autobus-ls", *words, env=alone)
        hold([row.split()[0] for row in done.stdout.splitlines()[1:]] == types, words, done)
    seen, told = (json.loads(stage.run("autobus-ls", "-jm", *words).stdout) for words in (["demo.lamp"], [lamp.place]))
    hold(seen == told, "it tells otherwise", seen, told)
    for form in ("-l", "--tree", "-m"):
        seen, told = (stage.run("autobus-ls", form, *words).stdout for words in (["demo.lamp"], [lamp.place]))
        hold("demo.lamp" in told and seen == told, form, seen, told)
    done = stage.run("autobus-ls", f"{lamp.place}x")
    hold(done.returncode == 3 and done.stdout == "" and f"{lamp.place}x" in done.stderr, done)


@test
def a_count_is_the_most_that_is_listed_and_what_a_watch_waits_for(stage):
    household(stage)
    hold(ids(stage, "-n", "2") == ["bare", "heat"] and ids(stage, "--any", "lamp") == ["bed"], "a few")
    hold(ids(stage, "--each") == ids(stage) == ids(stage, "-n", "9"), "all")
    done = stage.run("autobus-ls", "-w", "-n", "3")
    hold(done.returncode == 0 and done.stdout.count("\n") == 3, done)
    done = stage.run("autobus-ls", "-w", "-n", "9", "-t", "0.5")
    hold(done.returncode == 4 and "only 4 of 9" in done.stderr, done)


@test
def several_locations_are_one_service(stage):
    for host in ("127.0.0.1", "127.0.0.2"):
        stage.announcer(host=host).add("id-both", {"type": "lamp"})
    places = [{"host": "127.0.0.1", "port": 4000}, {"host": "127.0.0.2", "port": 4000}]
    done = stage.run("autobus-ls", "-j")
    hold(sorted(json.loads(done.stdout)["locations"], key=str) == places, done.stdout)
    done = stage.run("autobus-ls", "-l")
    hold("127.0.0.1:4000" in done.stdout and "127.0.0.2:4000" in done.stdout, done.stdout)


@test
def nothing_found_says_who_was_asked(stage):
    done = stage.run("autobus-ls")
    hold(done.returncode == 3 and done.stdout == "", done)
    hold("lo (127.0.0.1" in done.stderr and str(stage.port) in done.stderr, done.stderr)
    household(stage)
    done = stage.run("autobus-ls", "fan")
    hold(done.returncode == 3 and "'fan'" in done.stderr and "4 other services" in done.stderr, done.stderr)
    done = stage.run("autobus-ls", "heatr")
    hold(done.returncode == 3 and "Did you mean 'heater'?" in done.stderr, done.stderr)


@test
def nobody_to_ask_is_no_firewall(stage):
    done = stage.run("autobus-ls", "--discovery=none", "-t", "0.1")
    hold(done.returncode == 3 and "discovery is off" in done.stderr and "firewall" not in done.stderr, done)


@test
def verbose_says_where_it_looks(stage):
    done = stage.run("autobus-ls", "-v", "-t", "0.1")
    hold("TCP port" in done.stderr and "lo (127.0.0.1" in done.stderr.splitlines()[0], done.stderr)


@test
def quiet_prints_rows_and_nothing_else(stage):
    done = stage.run("autobus-ls", "-q")
    hold(done.returncode == 3 and done.stdout + done.stderr == "", done)
    household(stage)
    hold(stage.run("autobus-ls", "-q", "heater").stdout.startswith("heater "), "a heading")


@test
def what_the_network_says_cannot_command_the_terminal(stage):
    evil = {"type": "\x1b[2J\x07", "name": "a\nb\u202ec\x9b31m", "\x1b]0;x\x07": "\x7f\x1b", "hostname": "\r"}
    stage.announcer().add("id-\x1b[31m", evil)
    for words in ([], ["-l"], ["-j"], ["-w", "-t", "0.5"], ["-w", "-l", "-t", "0.5"], ["-w", "-j", "-t", "0.5"]):
        done = stage.run("autobus-ls", *words)
        hold(done.returncode == 0, words, done)
        wild = [hex(ord(letter)) for letter in done.stdout
                if letter != "\n" and (ord(letter) < 32 or 0x7f <= ord(letter) < 0xa0)]
        hold(not wild, words, wild)
        if "-j" not in words:
            hold("\u202e" not in done.stdout, words, "turns around")
    hold(json.loads(stage.run("autobus-ls", "-j").stdout)["info"] == evil, "JSON lost something")


@test
def a_table_fits_its_paper(stage):
    household(stage).add("id-wide", {"type": "灯" * 30, "name": "é" * 100, "note": "x" * 200}, 4003)
    for width in (200, 80, 60, 40):
        done = stage.run("autobus-ls", env={"COLUMNS": str(width)})
        columns = max(sum(2 if letter == "灯" else 1 for letter in line) for line in done.stdout.splitlines())
        hold(columns <= width, columns, "on", width)
        hold("127.0.0.1:4003" in done.stdout, "the address is cut on", width)
    hold("x" * 200 in stage.run("autobus-ls").stdout, "a pipe has no edge")


@test
def names_in_any_script_stand_below_each_other(stage):
    names = {"id-1": ("Kettle", 6), "id-2": ("灯台", 4), "id-3": ("Ku\u0308che", 5), "id-4": ("💡 off", 6),
             "id-5": ("กาต้ม", 4), "id-6": ("주전자", 6), "id-7": ("ﾗﾝﾌﾟ", 4), "id-8": ("zero\u200bwidth", 9)}
    announcer = stage.announcer()
    for service, (name, _) in names.items():
        announcer.add(service, {"type": "t", "name": name, "hostname": "h"})
    heading, *rows = stage.run("autobus-ls").stdout.splitlines()
    hold(heading == "TYPE  NAME       HOST  ADDRESS" and len(rows) == len(names), heading, rows)
    for name, width in names.values():
        hold(f"t     {name}{' ' * (9 - width)}  h     127.0.0.1:4000" in rows, name, rows)


@test
def a_thousand_services_are_listed_in_half_a_second(stage):
    for number in range(10):
        crowd = stage.start("autobus-actor", "--bus", "bus", "--options", '{"tcp_port":0}', stdin=subprocess.PIPE)
        for one in range(100):
            order = {"do": "publish", "bus": "bus", "number": one + 1, "service": f"id-{number}-{one}",
                     "info": {"type": "lamp", "name": f"灯 {one}", "room": f"room-{number}", "note": "x" * 40}}
            crowd.process.stdin.write(json.dumps(order).encode() + b"\n")
        crowd.process.stdin.flush()
        crowd.wait_for('{"done":100,')
    # Half a second where there is nothing else to do. A machine that is busy is not asked how quick it is.
    most = 5 if is_busy() else 0.5
    for words, lines in (((), 1001), (("-j",), 1000), (("--tree",), 1011), (("-k", "room=room-3"), 101)):
        times, before = [], cpu_of_children()
        while len(times) < 10 and (not times or times[-1] >= most):
            began = time.monotonic()
            done = stage.run("autobus-ls", *words)
            hold(done.returncode == 0 and done.stderr == "", words, done.stderr)
            times.append(time.monotonic() - began if done.stdout.count("\n") == lines else most)
        hold(times[-1] < most, words, times)
        took = (cpu_of_children() - before) / len(times)
        hold(took < 0.25, words, "took", took, "s of a processor")


@test
def utf8_survives_any_locale(stage):
    stage.announcer().add("id-1", {"type": "lamp", "name": "Küche 灯"})
    for locale in ("C", "POSIX", "de_DE.ISO-8859-1", "C.UTF-8", ""):
        done = stage.run("autobus-ls", env={"LC_ALL": locale})
        hold("Küche 灯" in done.stdout, locale, done.stdout)


@test
def colour_is_for_terminals_and_for_who_insists(stage):
    household(stage)
    hold("\x1b" not in stage.run("autobus-ls").stdout, "colour on a pipe")
    hold("\x1b[" in stage.run("autobus-ls", "--color=always").stdout, "none when asked for")
    on_terminal = stage.start("autobus-ls", terminal=(80, 24)).rest()
    hold("\x1b[1mTYPE" in on_terminal, "none on a terminal", on_terminal)
    plain = stage.start("autobus-ls", terminal=(80, 24), env={"NO_COLOR": "1"}).rest()
    hold("TYPE" in plain and "\x1b" not in plain, "NO_COLOR is ignored")
    dumb = stage.start("autobus-ls", terminal=(80, 24), env={"TERM": "dumb"}).rest()
    hold("TYPE" in dumb and "\x1b" not in dumb, "colour on a dumb terminal")


@test
def a_reader_that_has_seen_enough_is_no_failure(stage):
    announcer = household(stage)
    for number in range(300):
        announcer.add(f"id-{number}", {"type": "lamp", "note": "x" * 300}, 4000)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([stage.program("autobus-ls")], env=stage.env, stdout=writer, stderr=subprocess.PIPE,
                          timeout=10, check=False)
    os.close(writer)
    hold(done.returncode == 0 and done.stderr == b"", done)


@test
def output_that_cannot_be_written_is_a_failure(stage):
    household(stage)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([stage.program("autobus-ls")], env=stage.env, stdout=full, stderr=subprocess.PIPE,
                              timeout=10, check=False, text=True)
    hold(done.returncode == 1 and "could not be written" in done.stderr, done)
    done = subprocess.run(["sh", "-c", '"$0" >&-', stage.program("autobus-ls")], env=stage.env, check=False,
                          stderr=subprocess.PIPE, timeout=10, text=True)
    hold(done.returncode == 1 and "could not be written" in done.stderr, "closed", done)


@test
def an_interrupt_ends_it(stage):
    announcer = stage.announcer()
    announcer.never_rest()
    listing = stage.start("autobus-ls", "-t", "8")
    hold(announcer.was_asked.wait(10), "it does not ask")
    listing.signal(signal.SIGINT)
    hold(listing.end() == 130, "ended with", listing.process.returncode)
    hold(listing.rest() == "" and listing.complaint() == "", listing.heard)


@test
def a_time_that_runs_out_lists_what_there_is(stage):
    stage.announcer().never_rest()
    done = stage.run("autobus-ls", "-t", "0.5")
    hold(done.returncode == 0 and "news" in done.stdout and done.stderr == "", done)


if __name__ == "__main__":
    main()
