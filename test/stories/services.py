#!/usr/bin/env python3
"""Services in use: calls, events, objects, channels between hosts, and by hand."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from town import Actor, expect, expect_all, main, story  # noqa: E402

from town.conversation import Conversation  # noqa: E402

SOON = 2.0


def a_lamp_and_a_client(town, **objects):
    """A lamp on one host, and a proxy for it in a program on the other."""
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", objects=objects)
    bob = Actor.start(other)
    return lamp, bob, bob.proxy(type="lamp")


@story(near=True)
def a_call_waits_until_the_service_is_there(town):
    _, one, other = town.two_hosts()
    bob = Actor.start(other)
    proxy = bob.proxy(type="lamp")
    call = proxy.begin("echo", {"any": [1, None, "thing"]})
    lamp = Actor.start(one).publish("lamp")
    lamp.function("echo")
    answer = bob.answer(call)
    # It may have come before the function did: then it was told so, and was not lost.
    assert answer["ok"] and answer["value"] == {"any": [1, None, "thing"]} or answer["result"] == "not found", answer
    assert proxy.call("echo", "again") == "again"


@story(near=True)
def each_way_to_serve_a_call_answers_it(town):
    lamp, bob, proxy = a_lamp_and_a_client(town)
    for name, does, policy in (("add", "add", "inline"), ("nap", "sleep", "pool"), ("later", "defer", "inline")):
        lamp.function(name, does, policy=policy)
    assert proxy.call("add", 2, 3) == 5
    assert proxy.call("nap", 50) == 50
    assert proxy.call("later", 50) == 50
    lamp.function("fail")
    assert proxy.outcome("fail") == ("remote error", "I do not want to.")
    assert proxy.outcome("nothing")[0] == "not found"
    lamp.function("hold")
    assert proxy.outcome("hold", within=0.2)[0] == "timeout"


@story(near=True)
def functions_of_the_pool_delay_nobody(town):
    lamp, bob, proxy = a_lamp_and_a_client(town)
    lamp.function("sleep", policy="pool")
    lamp.function("echo")
    proxy.wait()
    answers = proxy.start("sleep", 1500)
    for number in range(20):
        assert proxy.call("echo", number, within=1) == number
    expect(answers, [("answer", lamp, {"value": 1500, "remaining": 0})], within=3)


@story(near=True)
def arguments_that_do_not_fit_are_named(town):
    lamp, bob, proxy = a_lamp_and_a_client(town)
    lamp.function("set_level", "echo", description={
        "parameters": [{"name": "level", "type": "integer", "range": [0, 100]}]})
    assert proxy.call("set_level", 100) == 100
    for wrong in ((), (101,), ("full",), (1, 2), (0.5,)):
        result, sentence = proxy.outcome("set_level", *wrong)
        assert result == "invalid", (wrong, result)
        assert len(wrong) != 1 or "level" in sentence, sentence


@story(near=True)
def events_are_heard_and_objects_watched(town):
    lamp, bob, proxy = a_lamp_and_a_client(town, level=3)
    lamp.event("switched")
    proxy.wait()
    rings = proxy.listen("switched")
    level = proxy.watch("level")
    expect(level, [("value", lamp, {"value": 3})], within=SOON)
    assert proxy.outcome("nothing")[0] == "not found", "behind them, so that both have begun"
    lamp.set("level", 4)
    lamp.fire("switched", "on", 1)
    expect(level, [("value", lamp, {"value": 4})], within=SOON)
    expect(rings, [("fired", lamp, {"value": ["on", 1]})], within=SOON)
    lamp.remove("object", "level")
    expect(level, [("gone", lamp)], within=SOON)
    lamp.object("level", None)
    expect(level, [("value", lamp, {"value": None})], within=SOON)


@story(near=True)
def who_hears_an_event_sees_the_value_set_before_it(town):
    lamp, bob, proxy = a_lamp_and_a_client(town, level=0)
    lamp.event("counted")
    lamp.function("echo")
    proxy.wait()
    heard = bob.listener("both")  # one name for both, so that their order is told
    proxy.watch("level", listener="both")
    proxy.listen("counted", listener="both")
    town.eventually(lambda: heard.unseen, SOON, "the first value")
    assert proxy.call("echo", 1) == 1, "behind them, so that both have begun"
    count = 3000
    lamp.by.ask("set", service=lamp.id, name="level", count=count, fires="counted")
    town.eventually(lambda: heard.heard[-1].what == "fired" and heard.heard[-1].details["value"] == [count], 20,
                    "the last event")
    value, last = 0, 0
    for event in heard.heard:
        if event.what == "value" and isinstance(event.details["value"], list):
            value = event.details["value"][0]
        if event.what == "fired":
            assert event.details["value"][0] == last + 1, "in order, none lost"
            last = event.details["value"][0]
            assert value >= last, f"heard event {last} with the value {value}"
    assert value == count, "the last value always arrives"
    heard.seen = len(heard.heard)


@story(near=True)
def a_multi_proxy_calls_all_and_keeps_the_table(town):
    network = town.network()
    lamps = []
    for name in ("one", "two", "three"):
        lamps.append(Actor.start(town.host(name, network)).publish("lamp", objects={"level": name}))
        lamps[-1].function("add")
    bob = Actor.start(town.host("four", network))
    every = bob.multi(type="lamp")
    states = every.states()
    expect_all(states, [("bound", lamp) for lamp in lamps], within=SOON)
    answers = every.start("add", 20, 22)
    expect_all(answers, [("answer", lamp, {"value": 42}) for lamp in lamps], within=SOON)
    assert sorted(event.details["remaining"] for event in answers.heard) == [0, 1, 2]
    levels = every.watch("level")
    expect_all(levels, [("value", lamp) for lamp in lamps], within=SOON)
    table = every.ask("values", name="level")["values"]
    assert table == {lamp.id: name for lamp, name in zip(lamps, ("one", "two", "three"))}, table
    assert every.send("add", 1) == 3
    lamps[1].by.kill()
    expect(states, [("lost", lamps[1])], within=SOON)
    expect(levels, [("gone", lamps[1])], within=SOON)
    assert every.outcome("add")[0] == "invalid", "a synchronous call of many is refused"


@story(near=True)
def what_nothing_uses_is_not_connected_to(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamps = [alice.publish("lamp") for _ in range(100)]
    bob = Actor.start(other)
    heard = bob.listen(type="lamp")
    expect_all(heard, [("appeared", lamp) for lamp in lamps], within=SOON)
    town.quiet(1)

    def connections():
        """Beyond the visits that discovery makes."""
        return alice.stat("accepted") - bob.stat("fetches") - bob.stat("probes")

    assert connections() <= 0, f"{connections()} connections"
    before = connections()
    proxy = bob.proxy(service=lamps[42].id)
    proxy.wait()
    assert connections() == before + 1, f"{connections() - before} connections"


@story
def a_place_known_beforehand_is_reached_without_discovery(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one, sources="none", tcp_port=4711)
    alice.publish("lamp", service_id="lamp-1").function("add")
    bob = Actor.start(other, sources="none")
    place = {"host": one.links[0].address, "port": 4711}
    lamp = bob.connect(service="lamp-1", **place)
    assert lamp.call("add", 1, 2) == 3
    details = bob.connect(**place).call("get_details")
    assert details["lamp-1"]["functions"].keys() == {"add"}, details
    refused = bob.answer(bob.request("connect", remote="none", service="lamp-2", **place))
    assert refused["result"] == "not found", refused
    deaths = lamp.states()
    expect(deaths, [("bound", "lamp-1")], within=SOON)
    alice.kill()
    expect(deaths, [("lost", "lamp-1")], within=SOON)
    assert lamp.outcome("add")[0] == "closed"
    late = lamp.states()
    expect(late, [("lost", "lamp-1")], within=SOON)


@story(near=True)
def channels_carry_values_and_blobs_both_ways_and_end_once(town):
    lamp, bob, proxy = a_lamp_and_a_client(town)
    lamp.channel("echo")
    proxy.wait()
    echo = proxy.open("echo")
    expect(echo, [("opened", lamp)], within=SOON)
    bob.ask("say", channel=echo.name, value={"hello": [1, 2]})
    expect(echo, [("data", lamp, {"value": {"hello": [1, 2]}})], within=SOON)
    bob.ask("write", channel=echo.name, length=1000)
    expect(echo, [("blob", lamp, {"length": 1000})], within=SOON)
    bob.ask("say", channel=echo.name, value="bye")
    expect(echo, [("closed", lamp, {"error": "You said bye."})], within=SOON)
    refused = proxy.open("nothing")
    expect(refused, [("closed", lamp, {"result": "not found"})], within=SOON)
    cut_off = proxy.open("echo")
    expect(cut_off, [("opened", lamp)], within=SOON)
    lamp.by.kill()
    expect(cut_off, [("closed", lamp, {"result": "closed"})], within=SOON)


@story
def a_hand_with_netcat_can_do_everything(town):
    _, one, other = town.two_hosts()
    alice = Actor.start(one)
    lamp = alice.publish("lamp", objects={"level": 3})
    lamp.function("add")
    lamp.event("switched")
    with Conversation(other, one.links[0].address, alice.port()) as hand:
        hand.send(b'{"_command":"bind","_id":1,"_type":1,"service":"%s"}\n' % lamp.id.encode())
        assert hand.next() == {"_type": 2, "_id": 1, "service": lamp.id}
        hand.send(b'{"_command":"call","_id":2,"_type":1,"name":"add","args":[1,2]}\n')
        assert hand.next() == {"_type": 2, "_id": 2, "result": 3}
        hand.send(b'{"_command":"watch","_type":3,"name":"level"}\n')
        first = hand.next()
        assert (first["_command"], first["value"]) == ("changed", 3)
        hand.send(b'{"_command":"listen","_type":3,"name":"switched"}\n{"_command":"ping","_id":3,"_type":1}\n')
        assert hand.next() == {"_type": 2, "_id": 3}
        lamp.fire("switched", True)
        assert hand.next()["args"] == [True]
        lamp.withdraw()
        assert b"unbound" not in hand.rest(), "said to those of us only"


if __name__ == "__main__":
    main()
