#!/usr/bin/env python3
"""07-chat and 07-chat-room: what one says all others hear, until the room is closed."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402


def enter(stage, name):
    guest = stage.start("07-chat", name, stdin=subprocess.PIPE)
    guest.wait_for("You are in.\n")
    return guest


def say(guest, words):
    guest.process.stdin.write(words.encode() + b"\n")
    guest.process.stdin.flush()


@test
def guests_hear_each_other_and_the_end(stage):
    room = stage.start("07-chat-room", stdin=subprocess.PIPE)
    room.wait_for("The room is open.")
    alice, bob, carol = (enter(stage, name) for name in ("Alice", "Bob", "Carol"))
    say(alice, "Hello, you two!")
    for other in (bob, carol):
        other.wait_for("Alice: Hello, you two!\n")
    carol.process.stdin.close()
    hold(carol.end() == 0, "ended with", carol.process.returncode)
    say(bob, "Carol has left.")
    alice.wait_for("Bob: Carol has left.\n")
    hold(b"Hello" not in alice.heard, "nobody hears himself", alice.heard)
    room.process.stdin.close()
    hold(room.end() == 0, "ended with", room.process.returncode)
    for guest in (alice, bob):
        guest.wait_for("You are out: ")
        guest.process.stdin.close()
        hold(guest.end() == 0, "ended with", guest.process.returncode)


@test
def a_full_room_lets_nobody_in(stage):
    room = stage.start("07-chat-room", stdin=subprocess.PIPE)
    room.wait_for("The room is open.")
    guests = [enter(stage, str(number)) for number in range(16)]
    late = stage.start("07-chat", "Late", stdin=subprocess.PIPE)
    late.wait_for("You are out: ")
    guests[3].process.stdin.close()
    hold(guests[3].end() == 0, "ended with", guests[3].process.returncode)
    for _ in range(100):
        later = stage.start("07-chat", "Later", stdin=subprocess.PIPE)
        later.wait_for("You are ")
        if b"in." in later.heard:
            break
    hold(b"in." in later.heard, "a seat that was left is free again")


@test
def without_a_room_it_gives_up(stage):
    done = stage.run("07-chat", "Alice", stdin=subprocess.DEVNULL)
    hold(done.returncode == 1 and done.stderr.strip(), done)


if __name__ == "__main__":
    main()
