#!/usr/bin/env python3
"""autobus-publish: services out of commands, files and lines; and that nothing of a caller becomes a command."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import PATIENCE, free_port, hold, main, test  # noqa: E402


def published(stage, *words):
    """A publisher whose service is there."""
    publisher = stage.start("autobus-publish", *words, stdin=subprocess.PIPE)
    line = publisher.process.stderr.readline().decode()
    hold("is on the network" in line, line)
    return publisher


def types_line(publisher, line):
    publisher.process.stdin.write(line.encode() + b"\n")
    publisher.process.stdin.flush()


def gives(stage, words, wanted):
    done = stage.run("autobus-call", *words)
    hold(done.returncode == 0 and json.loads(done.stdout) == wanted, words, done)


def fails(stage, words, code, *parts):
    done = stage.run("autobus-call", *words)
    hold(done.returncode == code, words, done)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


def watching(stage, *words):
    return stage.start("autobus-watch", *words)


@test
def the_demo_lamp_does_what_the_tools_show(stage):
    lamp = published(stage, "--demo", "lamp")
    gives(stage, ["demo.lamp", "set", "on=true", "level=40"], True)
    fails(stage, ["demo.lamp", "set", "on=true", "level=140"], 5, "0 to 100")
    watch = watching(stage, "demo.lamp", "state")
    at = watch.wait_for('{"on":true,"level":40}\n')
    listener = stage.start("autobus-listen", "-v", "demo.lamp", "pressed", "-n", "1", "-t", "30")
    while b"has us on its list" not in (line := listener.process.stderr.readline()):
        hold(line, "the listener has ended")
    types_line(lamp, "")
    hold(listener.end() == 0 and listener.rest() == "[1]\n", listener.heard)
    watch.wait_for('{"on":false,"level":0}\n', since=at)
    lamp.signal(signal.SIGINT)
    hold(lamp.end() == 130, lamp.process.returncode)
    hold(stage.run("autobus-ls", "demo.lamp", "-t", "0.5").returncode == 3, "it is still there")


@test
def behind_a_shell_it_leaves_the_terminal_to_others_until_it_is_in_front(stage):
    shell = stage.start_script("setsid", "--ctty", "--wait", "bash", "--norc", "-i", terminal=(80, 24))
    shell.type(f"{stage.program('autobus-publish')} --demo lamp &\n")
    at = shell.wait_for("is on the network")
    for number in (1, 2):  # what is typed is first of all there, for whoever reads it
        shell.type(f"{stage.program('autobus-call')} demo.lamp set on=true level={number}\n")
        at = shell.wait_for("\rtrue\r", since=at)
    listener = stage.start("autobus-listen", "-v", "demo.lamp", "pressed", "-n", "1", "-t", "30")
    while b"has us on its list" not in (line := listener.process.stderr.readline()):
        hold(line, "the listener has ended")
    shell.type("fg\n")
    shell.wait_for("--demo lamp", since=at)
    shell.type("\n")
    hold(listener.end() == 0 and listener.rest() == "[1]\n", listener.heard)
    hold(b"Stopped" not in shell.heard, shell.heard)
    shell.type("\x03exit\n")
    shell.end()


@test
def a_watch_goes_on_through_a_restart_of_the_lamp(stage):
    lamp = published(stage, "--demo", "lamp")
    watch = watching(stage, "-j", "demo.lamp", "level")
    at = watch.wait_for('"value":0}\n')
    lamp.signal(signal.SIGKILL)
    lamp.end()
    published(stage, "--demo", "lamp")
    watch.wait_for('"value":0}\n', since=at)


@test
def output_becomes_the_result_and_a_failure_the_error(stage):
    published(stage, "box", "-f", "text=echo hello world", "-f", "none=true", "-f", "json=echo '{\"a\": [1]}'",
              "-f", "bad=sh -c 'echo first >&2; echo oops >&2; exit 3'",
              "-f", "mute=false", "-f", "dies=sh -c 'kill -9 $$'", "-f", "missing=nonsuch-command-of-nobody")
    gives(stage, ["box", "text"], "hello world")
    gives(stage, ["box", "json"], {"a": [1]})
    gives(stage, ["box", "none"], None)
    fails(stage, ["box", "bad"], 5, "oops")
    fails(stage, ["box", "mute"], 5, "exit code 1")
    fails(stage, ["box", "dies"], 5, "signal 9")
    fails(stage, ["box", "missing"], 5, "cannot be started")


@test
def arguments_come_as_words_and_as_json(stage):
    published(stage, "box", "-f", "words=printf '<%s>'", "-f", "input=sh -c cat --")
    gives(stage, ["box", "words", "1", "a b", "[1, 2]", "null", "''"], "<1><a b><[1,2]><null><''>")
    gives(stage, ["box", "input", "1", "a b", "{'x': null}"], [1, "a b", {"x": None}])


@test
def no_argument_is_run_and_none_becomes_an_option(stage):
    with tempfile.TemporaryDirectory() as folder:
        proof = Path(folder) / "ran"
        published(stage, "box", "-f", "words=printf '<%s>'", "-f", "safe=printf '<%s>' --", "--shell",
                  "-f", "shell=printf '<%s>' \"$1\"")
        touch = f"touch {proof}"
        for evil in (f"$({touch})", f"`{touch}`", f"; {touch}", f"| {touch}", f"\n{touch}"):
            gives(stage, ["box", "words", json.dumps(evil)], f"<{evil}>")
            gives(stage, ["box", "shell", json.dumps(evil)], f"<{evil}>")
        fails(stage, ["box", "words", "--", "-rf"], 5, "'-rf'", "--")
        fails(stage, ["box", "words", "-5"], 5, "'-5'")
        gives(stage, ["box", "safe", "--", "-rf"], "<--><-rf>")
        fails(stage, ["box", "words", '"a\\u0000b"'], 5, "zero")
        hold(not proof.exists(), "an argument was run")


@test
def a_command_inherits_nothing_but_its_three_streams(stage):
    published(stage, "box", "-f", "open=ls /proc/self/fd", "-f", "signals=grep -E ^Sig(Blk|Ign) /proc/self/status")
    opened = json.loads(stage.run("autobus-call", "box", "open").stdout).split()
    hold(opened == ["0", "1", "2", "3"], "3 is the folder that ls reads, and there is more:", opened)
    signals = json.loads(stage.run("autobus-call", "box", "signals").stdout)
    hold(all(int(line.split()[1], 16) & ~(1 << 31 | 1 << 32) == 0 for line in signals.splitlines()), signals)


@test
def a_command_that_takes_too_long_or_says_too_much_is_ended(stage):
    mark = f"1000.{os.getpid()}"
    published(stage, "box", "-f", f"slow=sh -c 'sleep {mark} & sleep {mark}'", "-f", "loud=yes", "-t", "0.5")
    fails(stage, ["box", "slow"], 5, "too long")
    fails(stage, ["box", "loud"], 5, "")
    deadline = time.monotonic() + PATIENCE
    while is_run(mark):
        hold(time.monotonic() < deadline, "what it started is still running")


def is_run(word):
    """Whether any process has this word on its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes().split(b"\0"):
                return True
        except OSError:
            pass
    return False


@test
def several_commands_run_at_once(stage):
    published(stage, "box", "-f", "wait=sleep")
    began = time.monotonic()
    callers = [stage.start("autobus-call", "box", "wait", "1") for _ in range(8)]
    hold(all(caller.end() == 0 for caller in callers) and time.monotonic() - began < 5, "one after the other")


@test
def what_a_command_tells_at_once_is_there_with_the_service(stage):
    published(stage, "box", "-o", "soon=!sh -c 'sleep 0.2; echo 5'@100")
    hold(stage.run("autobus-watch", "box", "soon", "-n", "1").stdout == "5\n", "null came first")
    slow = published(stage, "slow", "-o", "late=!sleep 60@100")
    hold(stage.run("autobus-watch", "slow", "late", "-n", "1").stdout == "null\n", "it is waited for")
    slow.signal(signal.SIGTERM)
    hold(slow.end() == 0, "it does not leave")


@test
def a_file_that_is_being_written_has_its_old_value_until_there_is_a_new_one(stage):
    with tempfile.TemporaryDirectory() as folder:
        file, mark = Path(folder) / "celsius", Path(folder) / "mark"
        file.write_text("21.5\n", encoding="ascii")
        mark.write_text("0", encoding="ascii")
        published(stage, "box", "-o", f"celsius=@{file}", "-o", f"mark=@{mark}")
        watch = watching(stage, "box", "celsius", "mark")
        at = max(watch.wait_for("celsius  21.5\n"), watch.wait_for("mark  0\n"))
        with file.open("w", encoding="ascii") as writer:
            mark.write_text("1", encoding="ascii")
            at = watch.wait_for("mark  1\n", since=at)
            writer.write("22\n")
        watch.wait_for("celsius  22\n", since=at)
        hold(b"null" not in watch.heard, watch.heard)
        file.write_text("", encoding="ascii")
        watch.wait_for("celsius  null\n", since=at)


@test
def an_object_is_a_value_a_file_or_what_a_command_tells(stage):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "celsius"
        count = Path(folder) / "count"
        file.write_text("21.5\n", encoding="ascii")
        count.write_text("", encoding="ascii")
        published(stage, "box", "-o", "fixed={'a': 1}", "-o", f"celsius=@{file}", "-o",
                  f"ticks=!sh -c 'echo x >> {count}; wc -l < {count}'@0.1", "-o", "text=two words")
        for name, value in (("fixed", '{"a":1}'), ("text", '"two words"'), ("celsius", "21.5")):
            hold(stage.run("autobus-watch", "box", name, "-n", "1").stdout == value + "\n", name)
        watch = watching(stage, "box", "celsius")
        at = watch.wait_for("21.5\n")
        file.write_text("22\n", encoding="ascii")
        at = watch.wait_for("22\n", since=at)
        (Path(folder) / "new").write_text("hot", encoding="ascii")
        (Path(folder) / "new").rename(file)
        at = watch.wait_for('"hot"\n', since=at)
        file.unlink()
        watch.wait_for("null\n", since=at)
        ticks = stage.run("autobus-watch", "box", "ticks", "-n", "3").stdout.split()
        hold(len(ticks) == 3 and sorted(ticks, key=str) != ["null"] * 3, ticks)


@test
def a_value_that_stays_the_same_is_told_once(stage):
    published(stage, "box", "-o", "same=!echo 5@0.02")
    watch = watching(stage, "box", "same", "-t", "0.8")
    hold(watch.end() == 0 and watch.rest() in ("5\n", "null\n5\n"), watch.heard)


@test
def a_command_that_cannot_tell_is_null_and_says_so_once(stage):
    publisher = stage.start("autobus-publish", "box", "-o", "odd=!false@0.05")
    said = [publisher.process.stderr.readline().decode() for _ in range(2)]
    hold("exit code 1" in said[0] and "is on the network" in said[1], said)
    hold(stage.run("autobus-watch", "box", "odd", "-n", "1").stdout == "null\n", "odd")
    publisher.signal(signal.SIGTERM)
    hold(publisher.end() == 0 and publisher.complaint() == "", "complaints")


@test
def lines_fire_events(stage):
    publisher = published(stage, "bell", "-e", "ring", "-e", "stop")
    listener = stage.start("autobus-listen", "-v", "bell", "ring", "stop", "-n", "4")
    while b"has us on its list" not in (line := listener.process.stderr.readline()):
        hold(line, "the listener has ended")
    for line in ("ring", "ring [1, 2]", "stop hello there", "nonsense", "ring {'a': 1}"):
        types_line(publisher, line)
    hold(listener.end() == 0, listener.process.returncode)
    hold(listener.rest() == 'ring  []\nring  [1,2]\nstop  ["hello there"]\nring  [{"a":1}]\n', listener.heard)
    publisher.process.stdin.close()
    hold(publisher.end() == 0 and "nonsense" in publisher.complaint(), "events end with their input")


@test
def one_event_takes_whole_lines(stage):
    publisher = published(stage, "log", "-e", "line", "-o", "a=1")
    listener = stage.start("autobus-listen", "-v", "log", "line", "-n", "1")
    while b"has us on its list" not in (line := listener.process.stderr.readline()):
        hold(line, "the listener has ended")
    types_line(publisher, "line by line")
    hold(listener.end() == 0 and listener.rest() == '["line by line"]\n', listener.heard)
    publisher.process.stdin.close()
    hold(stage.run("autobus-call", "log", "x").returncode == 3, "an object outlives the input")


@test
def what_it_is_is_documented_and_enforced(stage):
    published(stage, "box", "room=attic", "floor=2", "--doc", "A box.", "-f", "open=echo", "--doc", "Opens it.",
              "--describe", "{'parameters': [{'name': 'wide', 'type': 'integer', 'range': [1, 3]}]}",
              "-o", "level=5", "--describe", "{'type': 'integer', 'unit': '%'}", "-e", "moved", "--doc", "It moved.")
    told = json.loads(stage.run("autobus-show", "-j", "box").stdout)
    hold(told["info"]["room"] == "attic" and told["info"]["floor"] == 2 and told["doc"] == "A box.", told)
    hold(told["functions"]["open"]["doc"] == "Opens it." and told["events"]["moved"]["doc"] == "It moved.", told)
    hold(told["objects"]["level"]["unit"] == "%", told)
    gives(stage, ["box", "open", "wide=2"], 2)
    fails(stage, ["box", "open", "wide=7"], 5, "1 to 3")


@test
def a_file_says_the_same(stage):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "box.json"
        file.write_text(json.dumps({
            "type": "box", "info": {"room": "attic"}, "id": "box-1", "doc": "A box.",
            "functions": {"words": {"command": ["printf", "<%s>"], "doc": "Prints."}, "say": {"command": "echo 'a b'"}},
            "objects": {"level": {"value": 5, "type": "integer"}, "now": {"command": "date +%s", "every": 0.2}},
            "events": {"moved": {"doc": "It moved."}}}), encoding="ascii")
        published(stage, "--config", str(file))
        gives(stage, ["-s", "box-1", "words", "1", "2"], "<1><2>")
        gives(stage, ["box", "say"], "a b")
        told = json.loads(stage.run("autobus-show", "-j", "box").stdout)
        hold(told["info"]["room"] == "attic" and told["objects"]["level"]["value"] == 5, told)
        hold(told["functions"]["words"]["doc"] == "Prints." and "command" not in told["functions"]["words"], told)


@test
def its_place_stays_the_same_over_restarts_if_it_is_told_port_and_id(stage):
    port = free_port(socket.SOCK_STREAM)
    place = f"127.0.0.1:{port}/box-1"
    words = ("box", "-s", "box-1", "--tcp-port", str(port), "-o")
    box = published(stage, *words, "level=1")
    watch = watching(stage, place, "level", "--discovery=none")
    at = watch.wait_for("1\n")
    box.signal(signal.SIGKILL)  # its end of the connection is the first to go, and lingers in the kernel
    box.end()
    published(stage, *words, "level=2")
    watch.wait_for("2\n", since=at)


@test
def a_port_that_is_taken_is_told_in_one_sentence(stage):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = stage.run("autobus-publish", "box", "-o", "a=1", "--tcp-port", str(port))
        hold(done.returncode == 1 and f"TCP port {port} is taken" in done.stderr and done.stderr.count("\n") == 1, done)


@test
def a_file_says_the_port_too_and_what_is_said_last_counts(stage):
    one, other = (free_port(socket.SOCK_STREAM) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "box.json"
        file.write_text(json.dumps({"type": "box", "id": "box-1", "tcp_port": one, "objects": {"a": {"value": 1}}}),
                        encoding="ascii")
        for words, port in ((["--tcp-port", str(other), "-c", str(file)], one),
                            (["-c", str(file), "--tcp-port", str(other)], other)):
            box = stage.start("autobus-publish", *words)
            hold(f"at port {port}\n" in box.process.stderr.readline().decode(), words, port)
            box.signal(signal.SIGTERM)
            hold(box.end() == 0, words)
        for wrong in (70000, -1, "80", 1.5, None):
            file.write_text(json.dumps({"type": "box", "tcp_port": wrong}), encoding="ascii")
            done = stage.run("autobus-publish", "-c", str(file))
            hold(done.returncode == 2 and f"0 to 65535, not {json.dumps(wrong)}" in done.stderr, wrong, done)


@test
def a_service_manager_is_told_when_it_is_on_the_network(stage):
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{folder}/notify")
        manager.settimeout(PATIENCE)
        env = {"NOTIFY_SOCKET": f"{folder}/notify"}
        broken = stage.run("autobus-publish", "box", "-o", "a=1", "-o", "a=2", env=env)
        hold(broken.returncode in (1, 2), broken)
        stage.start("autobus-publish", "box", "-f", "env=env", env=env)
        hold(manager.recv(64) == b"READY=1", "it says something else")
        done = stage.run("autobus-call", "box", "env")
        hold(done.returncode == 0 and "NOTIFY" not in done.stdout, "its commands could say so too:", done)


@test
def who_waits_while_it_leaves_is_told(stage):
    publisher = published(stage, "box", "-f", f"slow=sleep 1001.{os.getpid()}")
    caller = stage.start("autobus-call", "box", "slow", "-t", "20", "-v")
    deadline = time.monotonic() + PATIENCE
    while not is_run(f"1001.{os.getpid()}"):
        hold(time.monotonic() < deadline, "it is not run")
    publisher.signal(signal.SIGTERM)
    hold(publisher.end() == 0 and caller.end() in (1, 5), caller.process.returncode)


@test
def mistakes_are_told_in_one_sentence(stage):
    for words, part in (
            ([], "TYPE"), (["a=b"], "TYPE"), (["box", "b"], "KEY=VALUE"), (["box", "-f", "x"], "NAME=COMMAND"),
            (["box", "-f", "x="], "empty"), (["box", "-f", "x='a"], "quote"), (["box", "-o", "x=!date"], "how often"),
            (["box", "-o", "x"], "NAME=VALUE"), (["box", "--describe", "{}"], "behind the member"),
            (["box", "-o", "a=1", "--describe", "5"], "map"), (["--demo", "car"], "lamp"),
            (["box", "--demo", "lamp"], "--demo"), (["box", "-e", ""], "NAME"), (["-c", "/nonexistent"], "/nonex"),
            (["box", "-f", "a=x", "-f", "a=y"], "a"), (["box", "-s", ""], "id"),
            (["box", "--tcp-port", "65536"], "65535"),
            (["box", "-o", "a=1", "--describe", "{'type': 'colour'}"], "colour")):
        done = stage.run("autobus-publish", *words)
        hold(done.returncode in (1, 2) and part in done.stderr and done.stderr.count("\n") == 1, words, done)


if __name__ == "__main__":
    main()
