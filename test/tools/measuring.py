#!/usr/bin/env python3
"""autobus-bench: short runs of each benchmark. What is counted is asserted, never how long it took."""

import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import PATIENCE, hold, main, test  # noqa: E402


def measured(stage, *words):
    """The one object that a run prints."""
    done = stage.run("autobus-bench", *words, "--json")
    hold(done.returncode == 0 and done.stderr == "" and done.stdout.count("\n") == 1, words, done)
    return json.loads(done.stdout)


def holds_to(found, **wanted):
    for key, value in wanted.items():
        hold(found[key] == value, key, "is", found[key], "and not", value, "in", found)


def children(process):
    """The processes that it has started."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def other_side(stage, *words):
    """autobus-bench serve, and its place."""
    server = stage.start("autobus-bench", "serve", *words)
    server.wait_for("\n")
    return server, server.heard.decode().split()[0]


def rejects(stage, words, *parts):
    done = stage.run("autobus-bench", *words)
    hold(done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, words, done)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


@test
def calls_one_by_one_are_timed_and_counted_through_both_faces(stage):
    for face, wire in (("c", "frames"), ("raw", "frames"), ("c", "lines"), ("raw", "lines")):
        found = measured(stage, "rtt", "-n", "200", "-p", "100", "--face", face, "--wire", wire)
        hold(list(found)[:3] == ["bench", "transport", "wire"], found)
        holds_to(found, bench="rtt", transport="tcp", wire=wire, face=face, payload=100, calls=200)
        hold(0 < found["median_us"] <= found["p99_us"], found)
        hold(0 < found["sleeps_caller"] <= found["sleeps_client"] < found["sleeps_per_call"], found)


@test
def a_bus_may_be_told_to_spin(stage):
    holds_to(measured(stage, "rtt", "-n", "50", "--spin", "50"), calls=50)
    refused = stage.run("autobus-bench", "rtt", "-n", "5", env={"AUTOBUS_SPIN_US": "long"})
    hold(refused.returncode != 0 and "AUTOBUS_SPIN_US \"long\" must be microseconds" in refused.stderr, refused)


@test
def what_it_finds_stands_on_a_line_of_its_own(stage):
    bench = stage.start("autobus-bench", "idle", "--for", "0.5", terminal=(100, 40))
    bench.wait_for("idle: ")
    table = bench.rest().partition("FIGURE")[0]
    hold(table.removesuffix("\x1b[1m").endswith("\r\x1b[K"), table)


@test
def what_is_measured_over_unix_sockets_goes_that_way_or_fails(stage):
    for face in ("c", "raw"):
        found = measured(stage, "rtt", "-n", "50", "--face", face, "--transport", "unix")
        holds_to(found, bench="rtt", transport="unix", face=face, calls=50)
        hold(found["syscalls_client"] >= 2 and found["syscalls_server"] >= 2, found)
    holds_to(measured(stage, "events", "-n", "50", "-l", "2", "--transport", "unix"), transport="unix", delivered=100)
    _, place = other_side(stage, "--transport", "unix", "--port", str(stage.port))
    holds_to(measured(stage, "rtt", place, "-n", "10", "--transport", "unix", "--port", str(stage.port)), calls=10)
    alone = stage.run("autobus-bench", "rtt", "--transport", "unix", "-t", "0.3", env={"AUTOBUS_RUNTIME_DIR": "none"})
    hold(alone.returncode == 1 and "by TCP" in alone.stderr and alone.stderr.count("\n") == 1, alone)


@test
def system_calls_are_counted_on_both_sides(stage):
    found = measured(stage, "rtt", "-n", "50")
    hold(found["syscalls_client"] >= 2 and found["syscalls_server"] >= 2, found)
    hold(0 <= found["futexes_client"] <= found["syscalls_client"], found)
    hold(0 <= found["futexes_server"] <= found["syscalls_server"], found)


@test
def who_waits_for_an_answer_reads_it_and_no_other_thread_is_woken(stage):
    for pause in ([], ["--every", "0.003"]):
        found = measured(stage, "rtt", "-n", "200", *pause)
        # On a busy machine some answer takes longer than one thread may read, and the bus thread takes over: then
        # there is more of everything, but in the median call there is not.
        hold(found["syscalls_client_median"] <= 5 and found["futexes_client_median"] == 0, found)
        hold(found["syscalls_server_median"] <= 4 and found["futexes_server_median"] == 0, found)
        hold(found["syscalls_client"] <= 6 and found["futexes_client"] <= 0.5, found)
        hold(found["syscalls_server"] <= 4 and found["futexes_server"] <= 0.1, found)
        hold(found["sleeps_per_call"] <= 2.5, found)
        hold(found["sleeps_client"] <= found["sleeps_caller"] + 0.5, found)


@test
def pauses_between_calls_are_not_part_of_them(stage):
    found = measured(stage, "rtt", "-n", "50", "--every", "0.003")
    holds_to(found, calls=50, every_ms=3)
    hold(found["sleeps_caller"] < 2, "the pause is counted as a sleep:", found)


@test
def calls_at_once_all_come_back(stage):
    for face in ("c", "raw"):
        found = measured(stage, "calls", "-n", "1000", "-w", "16", "--face", face)
        holds_to(found, bench="calls", face=face, window=16, calls=1000)
        hold(0 < found["least_per_s"] <= found["calls_per_s"] <= found["most_per_s"], found)


@test
def every_event_reaches_every_listener(stage):
    found = measured(stage, "events", "-n", "503", "-l", "3", "-w", "7")
    holds_to(found, bench="events", listeners=3, events=500, delivered=1500)
    hold(0 < found["least_per_s"] <= found["delivered_per_s"] <= found["most_per_s"], found)


@test
def a_stream_carries_what_was_asked_for(stage):
    found = measured(stage, "stream", "-n", "2")
    holds_to(found, bench="stream", bytes=2000000)
    hold(found["gigabytes_per_s"] > 0, found)


@test
def a_service_is_searched_for_and_found(stage):
    found = measured(stage, "discovery", "-n", "3")
    holds_to(found, bench="discovery", searches=3)
    hold(0 < found["median_us"] <= found["p99_us"], found)


@test
def an_idle_process_is_weighed(stage):
    found = measured(stage, "idle", "--for", "0.2")
    hold(found["resident_kb"] > 500 and 0 < found["private_kb"] < found["resident_kb"], found)
    hold(found["threads"] >= 2 and found["wakes_per_s"] >= 0, found)


@test
def the_other_side_may_run_elsewhere(stage):
    server, place = other_side(stage, "yonder")
    for where in (place, "yonder"):
        found = measured(stage, "rtt", where, "-n", "500")  # on a busy machine few of them let it sleep
        hold(found["calls"] == 500 and found["sleeps_server"] > 0, found)
        hold(found["syscalls_client"] > 0 and found["syscalls_server"] is None, found)
    holds_to(measured(stage, "events", place, "-n", "10", "-l", "2"), delivered=20)
    holds_to(measured(stage, "events", place, "-n", "10"), delivered=10)
    hold(measured(stage, "idle", "yonder", "--for", "0.1")["threads"] >= 2, "idle")
    hold(measured(stage, "discovery", "yonder", "-n", "2")["searches"] == 2, "discovery")
    server.signal(signal.SIGINT)
    hold(server.end() == 130, "it was interrupted")


@test
def what_cannot_be_counted_says_why(stage):
    _, place = other_side(stage, "-q")
    done = stage.run("autobus-bench", "rtt", place, "-n", "20")
    hold("not counted: the service runs elsewhere" in done.stdout, done)


@test
def a_place_where_nothing_is_fails_as_elsewhere(stage):
    hold(stage.run("autobus-bench", "rtt", "yonder", "-t", "0.3").returncode == 3, "nothing matches")
    other_side(stage, "twin")
    other_side(stage, "twin")
    stage.start("autobus-ls", "-w", "twin").wait_for("twin")
    done = stage.run("autobus-bench", "rtt", "twin")
    hold(done.returncode == 8 and "2 services" in done.stderr, done)
    hold(stage.run("autobus-bench", "rtt", "127.0.0.1:1/nobody").returncode == 1, "refused")


@test
def mistakes_are_told_in_one_sentence(stage):
    rejects(stage, [], "rtt", "--help")
    rejects(stage, ["dance"], "dance", "stream")
    rejects(stage, ["rtt", "a", "b"], "'a'", "'b'")
    rejects(stage, ["rtt", "-n", "0"], "-n", "'0'")
    rejects(stage, ["calls", "-w", "5000"], "1000")
    rejects(stage, ["calls", "-n", "2"], "-n")
    rejects(stage, ["rtt", "--face", "python"], "python", "raw")
    rejects(stage, ["rtt", "--transport", "pigeon"], "pigeon", "tcp")
    rejects(stage, ["rtt", "--wire", "smoke"], "smoke", "lines")
    rejects(stage, ["rtt", "--spin", "0"], "--spin", "100000", "'0'")


@test
def help_fits_a_terminal(stage):
    done = stage.run("autobus-bench", "--help")
    hold(done.returncode == 0 and "discovery" in done.stdout and "--payload" in done.stdout, done)
    hold(all(len(line) <= 80 for line in done.stdout.splitlines()), "it is too wide")
    hold("autobus bench" in stage.run("autobus").stdout, "the front does not list it")


@test
def a_terminal_shows_how_far_it_is(stage):
    bench = stage.start("autobus-bench", "rtt", "-n", "1000000", terminal=(80, 24))
    bench.wait_for(" of 1000000")
    bench.signal(signal.SIGINT)
    hold(bench.end() == 130, "it was interrupted")


@test
def an_interrupt_ends_it_and_what_it_started(stage):
    bench = stage.start("autobus-bench", "rtt", "-n", "100000000")
    end = time.monotonic() + PATIENCE
    while not (started := children(bench.process)):
        hold(time.monotonic() < end, "it starts no second process")
    bench.signal(signal.SIGTERM)
    hold(bench.end() == 130, "it was interrupted")
    hold(not any(os.path.exists(f"/proc/{pid}") for pid in started), "the second process lives on")


@test
def the_other_side_ends_with_its_input_if_told_so(stage):
    server = stage.start("autobus-bench", "serve", "--attached", stdin=subprocess.PIPE)
    server.wait_for("\n")
    server.process.stdin.close()
    hold(server.end() == 0, "it ended otherwise")


if __name__ == "__main__":
    main()
