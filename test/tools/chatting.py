#!/usr/bin/env python3
"""autobus-chat: messages and bytes through a channel, and how it ends. The other side says back what it hears."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import hold, main, test  # noqa: E402


def chat(stage, *words, said="", **more):
    return stage.run("autobus-chat", *words, input=said, **more)


@test
def each_line_is_a_message_and_each_message_a_line(stage):
    DemoLamp(stage)
    done = chat(stage, "demo.lamp", "talk", "-n", "5", said='hello\n{"a": 1}\n42\n\nthe last')
    hold(done.returncode == 0 and done.stderr == "", done)
    hold(done.stdout == '"hello"\n{"a":1}\n42\n""\n"the last"\n', done.stdout)


@test
def the_end_of_the_input_closes_it(stage):
    DemoLamp(stage)
    done = chat(stage, "-j", "demo.lamp", "talk", said="hello\n")
    hold(done.returncode == 0 and done.stderr == "", done)


@test
def the_other_side_may_close_it_and_say_why(stage):
    DemoLamp(stage)
    done = chat(stage, "demo.lamp", "talk", "--stay", said="hello\nbye\n")
    hold(done.returncode == 0 and done.stdout == '"hello"\n' and "You said bye." in done.stderr, done)
    done = chat(stage, "demo.lamp", "talk", "-n", "3", said="hello\nbye\n")
    hold(done.returncode == 1 and done.stdout == '"hello"\n', done)


@test
def a_stream_carries_bytes_as_they_are(stage):
    DemoLamp(stage)
    sent = bytes(range(256)) * 200  # what the other side cannot say back at once it drops
    done = subprocess.run([stage.program("autobus-chat"), "--stream", "demo.lamp", "bytes"], env=stage.env, input=sent,
                          capture_output=True, timeout=20, check=False)
    hold(done.returncode == 0 and done.stderr == b"" and done.stdout == sent, done.returncode, done.stderr)


@test
def more_than_the_other_side_takes_waits_for_it(stage):
    DemoLamp(stage)
    lines = "".join(f"{number} {'x' * 100}\n" for number in range(20000))
    done = chat(stage, "demo.lamp", "talk", said=lines)
    hold(done.returncode == 0 and done.stderr == "", done.stderr)


@test
def a_terminal_is_talked_on_line_by_line(stage):
    DemoLamp(stage)
    talk = stage.start("autobus-chat", "demo.lamp", "talk", terminal=(80, 24))
    at = talk.wait_for("It is open.")
    talk.type("hello\n")
    at = talk.wait_for('"hello"', since=at)
    talk.type("\x04")
    hold(talk.end() == 0, talk.process.returncode)


@test
def bytes_of_a_stream_cannot_command_the_terminal(stage):
    DemoLamp(stage)
    talk = stage.start("autobus-chat", "--stream", "demo.lamp", "bytes", terminal=(80, 24))
    at = talk.wait_for("It is open.")
    talk.quietly("a\x1b[2Jb\u202e\x9bü\n")
    talk.wait_for("b\\u202e\\u009bü", since=at)
    hold("a\\x1b[2Jb" in talk.heard.decode() and b"\x1b[2J" not in talk.heard, talk.heard)
    talk.signal(signal.SIGINT)
    hold(talk.end() == 130, talk.process.returncode)


@test
def a_channel_that_is_not_there_is_told_with_what_is(stage):
    DemoLamp(stage)
    for words, part in ((["talkk"], "Did you mean 'talk'?"), (["bytes"], "add --stream"),
                        (["--stream", "talk"], "leave out --stream")):
        done = chat(stage, "demo.lamp", *words)
        hold(done.returncode == 3 and part in done.stderr and done.stdout == "", words, done)
    done = chat(stage, "demo.lmp", "talk")
    hold(done.returncode == 3 and "Did you mean 'demo.lamp'?" in done.stderr, done)


@test
def time_ends_it(stage):
    DemoLamp(stage)
    hold(chat(stage, "demo.lamp", "talk", "-t", "0.4", said="1\n").stdout == "1\n", "what came is lost")
    done = chat(stage, "demo.lamp", "talk", "-t", "0.4", "-n", "2", said="1\n")
    hold(done.returncode == 4 and "only 1 of 2" in done.stderr, done)


@test
def the_death_of_the_service_ends_it(stage):
    lamp = DemoLamp(stage)
    talk = stage.start("autobus-chat", "demo.lamp", "talk", stdin=subprocess.PIPE)
    talk.process.stdin.write(b"hello\n")
    talk.process.stdin.flush()
    talk.wait_for("hello")
    lamp.kill()
    hold(talk.end() == 1 and "closed the connection" in talk.complaint(), talk.process.returncode)


@test
def several_are_a_question_which_is_meant(stage):
    one = DemoLamp(stage, "lamp-1")
    DemoLamp(stage, "lamp-2")
    hold(chat(stage, "demo.lamp", "talk").returncode == 8, "several")
    for chosen in (["-s", "lamp-2"], [one.place], ["--any", "demo.lamp"]):
        hold(chat(stage, *chosen, "talk", "-n", "1", said="1\n").stdout == "1\n", chosen)


@test
def mistakes_are_told_in_one_sentence(stage):
    for words, part in (([], "TYPE"), (["chat"], "channel"), (["chat", "talk", "1", "2"], "'2'"),
                        (["--each", "chat", "talk"], "--each"), (["--stream", "-n", "1", "chat", "x"], "-n"),
                        (["--stream", "-j", "chat", "x"], "-j")):
        done = chat(stage, *words)
        hold(done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1, words, done)


if __name__ == "__main__":
    main()
