#!/usr/bin/env python3
"""What makes a service itself: its id, its info, its bus; and not the time of day."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402

from town.wallclock import WallClock  # noqa: E402

SOON = 2.0


@story
def a_service_replaced_with_changed_info_leaves_and_appears(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice, at_bob = alice.listen(type="lamp"), bob.listen(type="lamp")
    lamp = alice.publish({"type": "lamp", "colour": "red"}, "the-lamp")
    for listener in (at_alice, at_bob):
        expect(listener, [("appeared", "the-lamp")], within=SOON)
    lamp.withdraw()
    alice.publish({"type": "lamp", "colour": "blue"}, "the-lamp")
    for listener in (at_alice, at_bob):
        events = expect(listener, [("left", "the-lamp"), ("appeared", "the-lamp")], within=SOON)
        assert events[0].details["info"]["colour"] == "red"
        assert events[1].details["info"]["colour"] == "blue"
    town.quiet(1)


@story
def an_id_claimed_by_two_is_two_services(town):
    network, one, other = town.two_hosts()
    third = town.host("third", network)
    carol = Actor.start(third)
    heard = carol.listen(type="lamp")
    alice, bob = Actor.start(one), Actor.start(other)
    lamp = alice.publish({"type": "lamp", "by": "alice"}, "twin")
    expect(heard, [("appeared", "twin")], within=SOON)
    bob.publish({"type": "lamp", "by": "bob"}, "twin")
    event, = expect(heard, [("appeared", "twin")], within=SOON)
    assert event.details["info"]["by"] == "bob"
    assert carol.stat("conflicts") >= 1
    assert carol.ask("find", service="twin")["result"] == "ambiguous"
    assert {each["info"]["by"] for each in carol.enumerate(type="lamp")} == {"alice", "bob"}
    lamp.withdraw()
    event, = expect(heard, [("left", "twin")], within=SOON)
    assert event.details["info"]["by"] == "alice"
    assert carol.ask("find", service="twin")["info"]["by"] == "bob"


@story
def a_withdrawn_service_may_be_published_again_elsewhere(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_alice = alice.listen(type="lamp")
    lamp = alice.publish("lamp", "wanderer")
    expect(at_alice, [("appeared", "wanderer", {"host": "127.0.0.1"})], within=SOON)
    lamp.withdraw()
    expect(at_alice, [("left", "wanderer")], within=SOON)
    bob.publish("lamp", "wanderer")
    event, = expect(at_alice, [("appeared", "wanderer")], within=SOON)
    assert event.details["host"] != "127.0.0.1"


@story(waits=28)
def the_wall_clock_jumping_a_day_is_nothing(town):
    _, one, other = town.two_hosts()
    clock = WallClock(town)
    actors = [Actor.start(host, env=clock.environment) for host in (one, other)]
    heard = [actor.listen(type="lamp") for actor in actors]
    lamps = [actor.publish("lamp") for actor in actors]
    for listener in heard:
        expect_all(listener, [("appeared", lamp) for lamp in lamps], within=SOON)
    clock.jump(86400)
    town.quiet(13)
    clock.jump(-86400)
    town.quiet(13)
    asked = lamps[0].withdraw()
    for listener in heard:
        expect(listener, [("left", lamps[0])], within=0.5, since=asked)


@story
def the_library_s_own_service_comes_and_goes_with_the_first_and_the_last(town):
    _, one, other = town.two_hosts()
    alice, bob = Actor.start(one), Actor.start(other)
    at_bob = bob.listen(**{"type": "autobus.details"})
    quiet_one = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    event, = expect(at_bob, [("appeared", any)], within=SOON)
    expect(quiet_one, [("appeared", lamp)], within=SOON)
    lamp.withdraw()
    expect(at_bob, [("left", event.service)], within=SOON)
    expect(quiet_one, [("left", lamp)], within=SOON)


if __name__ == "__main__":
    main()
