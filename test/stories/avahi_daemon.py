#!/usr/bin/env python3
"""Avahi: found through it, and nothing lost when it restarts, hangs, is absent or renames."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402

from town.avahi import Avahi  # noqa: E402

SOON = 2.0
MDNS = 6.0  # avahi probes for a name before it announces it
GONE = 15.0


def two_hosts_with_avahi(town, **names):
    _, one, other = town.two_hosts()
    return one, other, [Avahi(host, names.get(host.name)).start() for host in (one, other)]


@story(waits=8)
def services_are_found_through_avahi_alone(town):
    one, other, _ = two_hosts_with_avahi(town)
    alice, bob = (Actor.start(host, sources="avahi") for host in (one, other))
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_bob, [("appeared", lamp, {"port": alice.port()})], within=MDNS)
    torch = alice.publish("lamp")
    expect(at_bob, [("appeared", torch)], within=MDNS)
    asked = torch.withdraw()
    expect(at_bob, [("left", torch)], within=MDNS, since=asked)
    asked = alice.quit()
    expect(at_bob, [("left", lamp)], within=MDNS, since=asked)


@story(waits=12)
def a_service_found_by_both_sources_is_one_service(town):
    one, other, _ = two_hosts_with_avahi(town)
    alice, bob = (Actor.start(host, sources="broadcast,avahi") for host in (one, other))
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_bob, [("appeared", lamp)], within=SOON)
    town.quiet(8)
    asked = alice.quit()
    expect(at_bob, [("left", lamp)], within=SOON, since=asked)
    town.quiet(2)


@story(waits=20)
def avahi_restarting_on_the_publisher_s_host_is_survived(town):
    one, other, daemons = two_hosts_with_avahi(town)
    alice, bob = (Actor.start(host, sources="avahi") for host in (one, other))
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_bob, [("appeared", lamp)], within=MDNS)
    daemons[0].stop()
    town.reactor.idle(1)
    daemons[0].start()
    bell = alice.publish("lamp")
    town.eventually(lambda: sorted(each["service"] for each in bob.enumerate(type="lamp"))
                    == sorted((lamp.id, bell.id)), GONE, "both are there after the restart")
    told = [(event.what, event.service) for event in at_bob.unseen]
    allowed = [("left", lamp.id), ("appeared", lamp.id)]
    assert [one for one in told if one[1] == lamp.id] in ([], allowed), at_bob.diary()
    assert told.count(("appeared", bell.id)) == 1
    at_bob.seen = len(at_bob.heard)
    town.quiet(3)


@story(waits=20)
def avahi_restarting_on_the_listener_s_host_is_survived(town):
    one, other, daemons = two_hosts_with_avahi(town)
    alice, bob = (Actor.start(host, sources="avahi") for host in (one, other))
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(at_bob, [("appeared", lamp)], within=MDNS)
    daemons[1].kill()
    town.reactor.idle(1)
    daemons[1].start()
    bell = alice.publish("lamp")
    town.eventually(lambda: ("appeared", bell.id) in [(event.what, event.service)
                                                      for event in at_bob.unseen],
                    GONE, "what is published after the restart appears")
    assert [(event.what, event.service) for event in at_bob.unseen] == [("appeared", bell.id)], \
        at_bob.diary()
    at_bob.seen += 1
    town.quiet(3)


@story(waits=25)
def with_broadcast_beside_it_a_restart_of_avahi_is_nothing(town):
    one, other, daemons = two_hosts_with_avahi(town)
    actors = [Actor.start(host, sources="broadcast,avahi") for host in (one, other)]
    heard = [actor.listen(type="lamp") for actor in actors]
    lamps = [actor.publish("lamp") for actor in actors]
    for listener in heard:
        expect_all(listener, [("appeared", lamp) for lamp in lamps], within=SOON)
    town.quiet(4)
    daemons[0].stop()
    town.quiet(4)
    daemons[0].start()
    town.quiet(8)
    daemons[1].kill()
    town.quiet(6)


@story(waits=15)
def a_hanging_avahi_stops_nobody(town):
    one, other, daemons = two_hosts_with_avahi(town)
    alice, bob = (Actor.start(host, sources="broadcast,avahi") for host in (one, other))
    at_alice, at_bob = (actor.listen(type="lamp") for actor in (alice, bob))
    lamp = alice.publish("lamp")
    for listener in (at_alice, at_bob):
        expect(listener, [("appeared", lamp)], within=SOON)
    for avahi in daemons:
        avahi.daemon.pause()
    town.quiet(4)
    for _ in range(5):
        torch = bob.publish("lamp")
        for listener in (at_alice, at_bob):
            expect(listener, [("appeared", torch)], within=0.5)
        asked = torch.withdraw()
        for listener in (at_alice, at_bob):
            expect(listener, [("left", torch)], within=0.5, since=asked)
    late = Actor.start(other, sources="broadcast,avahi")
    at_late = late.listen(type="lamp")
    expect(at_late, [("appeared", lamp)], within=0.5, since=late.ready_at)
    late.quit(within=8)
    for avahi in daemons:
        avahi.daemon.resume()
    town.quiet(4)
    asked = alice.quit()
    expect(at_bob, [("left", lamp)], within=SOON, since=asked)


@story
def an_absent_avahi_is_no_trouble(town):
    _, one, other = town.two_hosts()
    one.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/run/dbus/nobody"
    alice = Actor.start(one, sources="broadcast,avahi")
    heard = Actor.start(other).listen(type="lamp")
    lamp = alice.publish("lamp")
    expect(heard, [("appeared", lamp)], within=SOON)
    asked = alice.quit()
    expect(heard, [("left", lamp)], within=0.5, since=asked)


@story(waits=25)
def an_avahi_that_starts_later_is_used(town):
    _, one, other = town.two_hosts()
    daemons = [Avahi(host) for host in (one, other)]
    alice, bob = (Actor.start(host, sources="avahi") for host in (one, other))
    at_bob = bob.listen(type="lamp")
    lamp = alice.publish("lamp")
    town.quiet(2)
    for avahi in daemons:
        avahi.start()
    expect(at_bob, [("appeared", lamp)], within=GONE)


@story(waits=12)
def two_hosts_of_one_name_are_renamed_and_found(town):
    one, other, _ = two_hosts_with_avahi(town, one="same", other="same")
    alice, bob = (Actor.start(host, sources="avahi") for host in (one, other))
    at_alice, at_bob = (actor.listen(type="lamp") for actor in (alice, bob))
    lamp, torch = alice.publish("lamp"), bob.publish("lamp")
    for listener in (at_alice, at_bob):
        expect_all(listener, [("appeared", lamp), ("appeared", torch)], within=GONE)
    town.quiet(3)


if __name__ == "__main__":
    main()
