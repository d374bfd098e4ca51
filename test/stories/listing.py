#!/usr/bin/env python3
"""autobus-ls in the town: what it lists, how it ends, what it writes on a pipe."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, LegacyPeer, main, story  # noqa: E402

SOON = 2.0
NOTHING, WRONG_USE = 3, 2


def a_lamp_elsewhere(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish({"type": "lamp", "room": "kitchen"})
    return one, other, alice, lamp


def listing(town, host, *arguments):
    return host.run(town.program("autobus-ls"), *arguments)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


@story
def it_lists_what_is_there_and_ends_with_0(town):
    _, other, _, _ = a_lamp_elsewhere(town)
    done = listing(town, other)
    assert done.returncode == 0, done
    assert "lamp" in done.stdout and "\033" not in done.stdout, done.stdout
    assert "autobus.details" not in done.stdout, done.stdout
    assert "autobus.details" in listing(town, other, "--all").stdout


@story
def it_writes_one_json_object_a_line(town):
    one, other, alice, lamp = a_lamp_elsewhere(town)
    done = listing(town, other, "--json", "lamp")
    assert done.returncode == 0, done
    found, = objects(done.stdout)
    assert found["service"] == lamp.id and found["port"] == alice.port()
    assert found["info"]["type"] == "lamp" and found["info"]["room"] == "kitchen"
    assert [found["host"], found["port"]] in [list(place.values()) if isinstance(place, dict)
                                              else place for place in found["locations"]]
    assert any(one.links[0].address in json.dumps(place) for place in found["locations"])


@story
def it_ends_soon_when_everybody_has_answered(town):
    _, other, _, _ = a_lamp_elsewhere(town)
    began = time.monotonic()
    assert listing(town, other, "-t", "9").returncode == 0
    assert time.monotonic() - began < 2.0


@story
def it_filters_by_type_and_by_key(town):
    _, other, alice, lamp = a_lamp_elsewhere(town)
    hall = alice.publish({"type": "lamp", "room": "hall", "old": True})
    bell = alice.publish({"type": "bell", "room": "hall"})

    def found(*arguments):
        return {each["service"] for each in objects(listing(town, other, "-j", *arguments).stdout)}

    assert found("lamp") == {lamp.id, hall.id}
    assert found("-k", "room=hall") == {hall.id, bell.id}
    assert found("lamp", "-k", "room=hall") == {hall.id}
    assert found("-k", "old") == {hall.id}
    assert found("lamp", "-k", "!old") == {lamp.id}
    assert found("-k", "room!=hall") == {lamp.id}
    assert found("-k", "room=k*") == {lamp.id}
    assert found("nothing") == set()


@story
def nothing_found_names_the_interfaces_and_ends_with_3(town):
    _, one, _ = town.two_hosts()
    done = listing(town, one)
    assert done.returncode == NOTHING and done.stdout == "", done
    assert "eth0" in done.stderr, done.stderr
    _, other, _, _ = a_lamp_elsewhere(town)
    assert listing(town, other, "trumpet").returncode == NOTHING


@story
def wrong_use_is_one_sentence_and_ends_with_2(town):
    _, one, _ = town.two_hosts()
    for arguments in (("--nonsense",), ("-t", "soon"), ("-k",)):
        done = listing(town, one, *arguments)
        assert done.returncode == WRONG_USE and done.stdout == "" and done.stderr, done


@story
def a_legacy_peer_is_listed_too(town):
    _, one, other = town.two_hosts()
    torch = LegacyPeer.start(one).publish({"type": "torch"})
    assert [each["service"] for each in objects(listing(town, other, "-j").stdout)] == [torch.id]


@story
def watching_writes_a_line_for_every_change(town):
    _, other, alice, _ = a_lamp_elsewhere(town)
    watcher = other.start(town.program("autobus-ls"), "--watch", "lamp")
    town.eventually(lambda: len(watcher.lines) == 1, SOON, "the lamp that is there")
    torch = alice.publish("lamp")
    town.eventually(lambda: len(watcher.lines) == 2, SOON, "the second lamp")
    torch.withdraw()
    town.eventually(lambda: len(watcher.lines) == 3, SOON, "its end")
    assert [line[:1] for line in watcher.lines] == [b"+", b"+", b"-"], watcher.lines
    watcher.interrupt()
    assert watcher.wait(within=5) == 130


@story
def watching_in_json_says_what_happened(town):
    _, other, alice, lamp = a_lamp_elsewhere(town)
    watcher = other.start(town.program("autobus-ls"), "-w", "-j")
    town.eventually(lambda: len(watcher.lines) == 1, SOON, "the lamp that is there")
    lamp.withdraw()
    town.eventually(lambda: len(watcher.lines) == 2, SOON, "its end")
    told = [json.loads(line) for line in watcher.lines]
    assert [(one["event"], one["service"]) for one in told] == [("appeared", lamp.id),
                                                                ("left", lamp.id)]
    watcher.terminate()
    watcher.wait(within=5)


@story
def a_reader_that_goes_away_ends_it(town):
    _, other, _, _ = a_lamp_elsewhere(town)
    done = other.run("sh", "-c", f"{town.program('autobus-ls')} -w | head -n 1", timeout=20)
    assert done.stdout.startswith("+"), done


if __name__ == "__main__":
    main()
