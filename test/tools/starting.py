#!/usr/bin/env python3
"""autobus-shell: the verbs that are programs of their own, with the terminal to themselves and in the background; how
they are found, interrupted and ended, and how what is typed for them is completed."""

import array
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from person import CTRL_C, CTRL_D, CTRL_U, CTRL_Z, PROMPT, Person, ends, folder, script  # noqa: E402
from stage import PATIENCE, Running, free_port, hold, main, test  # noqa: E402


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def state(pid):
    """A letter: R runs, S sleeps, T is stopped, Z has ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0]


def is_stopped(pid):
    return state(pid) == "T"


def comes(condition):
    """Whether it becomes true, in a while that is long enough."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        os.sched_yield()
    return True


def is_gone(pid):
    return not os.path.exists(f"/proc/{pid}")


@contextlib.contextmanager
def pipe():
    """Its two ends."""
    ours, theirs = os.pipe()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def unread(end):
    count = array.array("i", [0])
    fcntl.ioctl(end, termios.FIONREAD, count)
    return count[0]


def overlook_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


class Stand:
    """A folder with a shell of its own, and programs beside it that a test has written."""

    def __init__(self, stage, path):
        self.stage, self.path = stage, path
        self.shell = os.path.join(path, "autobus-shell")
        shutil.copy(stage.program("autobus-shell"), self.shell)

    def puts(self, verb, body, where=None):
        path = os.path.join(where or self.path, f"autobus-{verb}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)

    def runs(self, *lines, **env):
        return subprocess.run([self.shell], input="".join(f"{line}\n" for line in lines), text=True, check=False,
                              capture_output=True, timeout=PATIENCE, env={**self.stage.env, **env})


@test
def a_verb_that_is_a_program_does_what_the_program_does(stage):
    DemoLamp(stage)
    for line in ("replay", "bench dance", "publish", "doctor -x", "monitor -q -n 1 -t 0.1 nothing",
                 "record -x", "bench --help", "publish --version"):
        verb, *words = line.split()
        alone, here = stage.run(f"autobus-{verb}", *words, input=""), script(stage, line)
        hold((here.returncode, here.stdout, here.stderr) == (alone.returncode, alone.stdout, alone.stderr), alone, here)
    for line, part in (("doctor demo.lamp -t 0.3", "All is well"), ("autobus-bench rtt -n 10", "a call takes"),
                       ("autobus record -s lamp-1 -t 0.3", '"object":"level","value":0'),
                       ("help replay", "Usage: autobus-replay")):
        done = script(stage, line)
        hold(done.returncode == 0 and part in done.stdout, done)


@test
def it_is_looked_for_beside_the_shell_and_then_on_the_path(stage):
    with folder() as place, folder() as other:
        stand = Stand(stage, place)
        stand.puts("record", 'echo elsewhere "$@"', where=other)
        stand.puts("doctor", "echo elsewhere", where=other)
        stand.puts("doctor", 'echo "$0" "$@"')
        done = stand.runs("doctor 'a b' '$(x)'", "record *", PATH=f"{other}:{stage.env['PATH']}")
        ends(done, 0, f"{place}/autobus-doctor a b $(x)\nelsewhere *\n")
        done = stand.runs("bench rtt", "bench rtt &", PATH=other)
        hold(done.returncode == 1 and done.stderr.count("cannot be started") == 2, done)


@test
def its_code_is_that_of_the_command_and_a_signal_is_one_too(stage):
    with folder() as place:
        stand = Stand(stage, place)
        stand.puts("doctor", "exit $1")
        stand.puts("record", "kill -$1 $$")
        hold(stand.runs("doctor 7").returncode == 7, "7")
        hold(stand.runs("doctor 7", "jobs").returncode == 0, "the last one counts")
        hold(stand.runs("doctor 7 &", "wait").returncode == 7, "in the background")
        done = stand.runs("record ABRT", "record INT", "doctor 3")
        hold(done.returncode == 130 and "ended by signal 6 (Aborted)" in done.stderr, done)


@test
def it_inherits_the_standard_streams_and_nothing_else(stage):
    with folder() as place:
        stand = Stand(stage, place)
        lists = "ls /proc/self/fd | tr '\\n' ' '"
        stand.puts("doctor", f"{lists}; cat; grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -c 17-")
        # 3 is the folder that ls reads; two signals above those that have names are the C library's.
        listed = "0 1 2 3 00000000\n80000000\n"
        ends(stand.runs("doctor", "# and what follows is not its input"), 0, listed)
        stand.puts("record", lists)
        ends(stand.runs("record &", "wait"), 0, "0 1 2 3 ")


@test
def it_works_on_the_network_that_the_shell_was_given(stage):
    port = free_port()
    done = script(stage, "publish box -o size=3 &", "watch box size -n 1", f"show box --port {stage.port} -t 0.2",
                  words=["--port", str(port), "--interfaces", "lo"])
    hold(done.returncode == 3 and done.stdout == "3\n", done)
    done = script(stage, f"publish box --port {stage.port} -o size=4 &", f"watch box size -n 1 --port {stage.port}",
                  words=["--port", str(port)])
    ends(done, 0, "4\n")


@test
def a_service_is_published_in_the_background_and_used_at_once(stage):
    done = script(stage, "publish box -s box-1 -o size=3 -f 'add=expr 2 +' -e full &", "call box add 5", "jobs",
                  "stop 1", "jobs", "show box -t 0.3")
    ends(done, 3, "7\n1  publish box -s box-1 -o size=3 -f 'add=expr 2 +' -e full\n")
    hold("box-1 is on the network" in done.stderr and "[1] publish" in done.stderr, done)
    done = script(stage, "publish box -e full &", "jobs")  # its input does not end while there is a shell
    ends(done, 0, "1  publish box -e full\n")


@test
def what_fails_at_once_tells_so_with_its_code(stage):
    ends(done := script(stage, "publish &", "wait"), 2)  # which may be the one or the other line's
    hold("say of which TYPE" in done.stderr, done)
    ends(script(stage, "publish &", "wait", "jobs"), 0)
    done = script(stage, "call x y &")
    hold(done.returncode == 2 and "such as publish" in done.stderr, done)


@test
def what_it_says_in_the_background_is_told_line_by_line(stage):
    lamp = DemoLamp(stage)
    with folder() as place:
        path = os.path.join(place, "house")
        done = script(stage, f"record -s lamp-1 -o {path} -n 1 &", "record -s lamp-1 -t 0.2 &", "wait")
        hold(done.returncode == 0 and '"object":"level","value":0' in done.stdout, done)
        hold(f"{path}: 1 services" in done.stderr and "[1] record -s lamp-1 -t 0.2: done" in done.stderr, done)
    person = Person(stage)
    person.asks("monitor -s lamp-1 &", "hears what", "[1] monitor -s lamp-1\r\n")
    person.types("call demo.la")
    person.sees("call demo.la")
    lamp.kill()
    person.sees("- demo.lamp")
    person.sees(PROMPT + "call demo.la")
    person.types(CTRL_U)
    person.asks("stop 1")
    person.leaves()


@test
def who_waits_for_all_hears_of_an_end_while_the_shell_is_held_up(stage):
    with folder() as place, pipe() as (heard, said), pipe() as (hinted, hints):
        room = fcntl.fcntl(said, fcntl.F_GETPIPE_SZ)
        stand, bell, sign = Stand(stage, place), os.path.join(place, "bell"), os.path.join(place, "sign")
        os.mkfifo(bell)
        stand.puts("doctor", f"echo here; read _ < {bell}; echo more; touch {sign}; read _ < {bell}")
        with open(bell, "r+b", buffering=0) as ring, \
                subprocess.Popen([stand.shell], stdin=subprocess.PIPE, stdout=said, stderr=hints,
                                 env=stage.env) as shell:
            try:
                shell.stdin.write(b"doctor &\nwait\n")
                shell.stdin.close()
                hold(comes(lambda: unread(hinted) > 0 and state(shell.pid) == "S"), "it does not wait for it")
                program, = children(shell)
                hold(comes(lambda: unread(heard) > 0) and os.read(heard, room) == b"here\n", "not what it says")
                os.write(said, bytes(room))  # nobody reads: the shell is held up when it passes on more
                ring.write(b"\n")
                with open(f"/proc/{program}/fd/1", "rb") as words:
                    hold(comes(lambda: os.path.exists(sign) and unread(words) == 0), "the shell does not read")
                ring.write(b"\n")
                hold(comes(lambda: state(program) == "Z"), "the program goes on")
                os.read(heard, room)
                hold(shell.wait(PATIENCE) == 0, "it does not end")
                hold(unread(heard) > 0 and os.read(heard, room) == b"more\n", "not all was passed on")
            finally:
                shell.kill()


@test
def nothing_that_it_says_commands_the_terminal(stage):
    with folder() as place:
        stand = Stand(stage, place)
        stand.puts("doctor", r"printf 'a\033[2Jb\n\377'; printf 'c\033c\n' >&2; exit 3")
        person = Person(stage, at=stand.shell)
        person.asks("doctor &", r"a\x1b[2Jb", r"\xff")
        hold(rb"c\x1bc" in person.shell.heard, person.shell.heard)
        said = person.leaves()
        hold("\x1b[2J" not in said and "\x1bc" not in said, repr(said))
        stand.puts("doctor", r"printf 'a\033[2Jb\nno end'")
        ends(stand.runs("doctor &"), 0, "a\x1b[2Jb\nno end")  # to a pipe it goes as it is


@test
def ctrl_c_ends_the_program_and_not_the_shell(stage):
    person = Person(stage)
    for line, sign in (("publish box", "is on the network"), ("monitor", "hears what"), ("bench serve", "/"),
                       ("record nothing", "Waiting for it")):
        person.types(line + "\r")
        person.sees(sign)
        person.types(CTRL_C)
        person.sees("^C")
        person.sees("\r\n" + PROMPT)
    person.types("publish box &\r")
    person.sees("[1] publish box")
    person.types("doctor -t 30\r")
    person.sees("doctor -t 30\r\n")
    hold(comes(lambda: len(children(person.shell.process)) == 2), "the doctor does not come")
    person.types(CTRL_C)
    person.sees(PROMPT)
    person.asks("jobs", "1  publish box")  # that goes on
    person.leaves()


@test
def a_key_that_kills_the_program_leaves_the_shell(stage):
    person = Person(stage)
    person.types("publish box\r")
    person.sees("is on the network")
    person.types("\x1c")
    person.sees("ended by signal 3")
    person.sees(PROMPT)
    person.asks("help jobs", "in the background")
    person.leaves()


@test
def who_overlooks_its_children_may_start_the_shell(stage):
    done = script(stage, "doctor -x", "publish -x &", "wait", preexec_fn=overlook_children)
    hold(done.returncode == 2 and done.stderr.count("no option -x") == 2, done)


@test
def ctrl_z_stops_the_program_with_the_shell(stage):
    person = Person(stage)
    person.types("publish box\r")
    person.sees("is on the network")
    child, = children(person.shell.process)
    person.types(CTRL_Z)
    person.shell.wait_until_stopped()
    hold(comes(lambda: is_stopped(child)), "the program goes on")
    person.shell.signal(signal.SIGCONT)
    hold(comes(lambda: not is_stopped(child)), "the program stays stopped")
    person.types(CTRL_C)
    person.sees(PROMPT)
    person.leaves()


@test
def the_terminal_is_given_back_as_it_was(stage):
    with folder() as place:
        stand = Stand(stage, place)
        stand.puts("doctor", "stty -echo -icanon -isig; echo done; exit 4")
        person = Person(stage, at=stand.shell)
        before = termios.tcgetattr(person.shell.terminal)
        person.asks("doctor", "done")
        hold(termios.tcgetattr(person.shell.terminal) == before, "other settings")
        person.types("help \x03")
        person.sees("^C\r\n" + PROMPT)
        person.leaves()


@test
def programs_end_with_the_shell_however_that_ends(stage):
    ends_of = {"Ctrl-D": lambda shell: shell.type(CTRL_D), "SIGTERM": lambda shell: shell.signal(signal.SIGTERM),
               "SIGHUP": lambda shell: shell.signal(signal.SIGHUP), "a closed terminal": Running.close_output}
    for name, make_end in ends_of.items():
        person = Person(stage)
        person.asks("publish box &", "[1] publish box")
        if name != "Ctrl-D":
            person.types("publish cup\r")
            person.sees("is on the network")
        begun = children(person.shell.process)
        make_end(person.shell)
        hold(person.shell.end() == 0, name, person.shell.process.returncode)
        hold(len(begun) == (1 if name == "Ctrl-D" else 2), name, begun)
        hold(all(is_gone(pid) for pid in begun), name, "leaves one behind")


@test
def what_does_not_want_to_end_is_ended(stage):
    with folder() as place:
        stand = Stand(stage, place)
        stand.puts("doctor", "trap '' TERM; echo here; while :; do sleep 60; done")
        person = Person(stage, at=stand.shell)
        person.asks("doctor &", "here", "[1] doctor")
        begun = children(person.shell.process)
        person.asks("stop 1", "ended by signal 9")
        hold(all(is_gone(pid) for pid in begun), "it goes on")
        person.leaves()


@test
def an_interrupt_ends_a_script_with_its_program(stage):
    for line in ("publish box", "bench serve"):
        running = stage.start("autobus-shell", stdin=subprocess.PIPE)
        running.process.stdin.write(f"call nothing x -t 0.1\n{line}\nexit 9\n".encode())
        running.process.stdin.flush()
        hold(comes(lambda: children(running.process)), line)
        child, = children(running.process)
        hold(comes(lambda: os.readlink(f"/proc/{child}/exe").endswith(line.split()[0])), line)
        running.signal(signal.SIGINT)  # to the shell alone
        hold(running.end() == 130 and is_gone(child), line, running.process.returncode)


@test
def its_options_values_and_operands_are_completed(stage):
    DemoLamp(stage, room="hall")
    with folder() as place:
        os.mkdir(os.path.join(place, "house"))
        for name in ("house/evening.zst", ".hidden", "two words"):
            with open(os.path.join(place, name), "w", encoding="utf-8"):
                pass
        person = Person(stage)
        person.completes("pub", "lish ")
        person.completes("publish --des", "cribe=")
        person.completes("publish --demo la", "mp ")
        person.completes("monitor --st", "ats ")
        person.completes("doctor de", "mo.lamp ")
        person.completes("record -s la", "mp-1 ")
        person.completes("record -k roo", "m=")
        person.completes("bench st", "ream ")
        person.completes("bench rtt de", "mo.lamp ")
        person.completes("bench rtt --transport=u", "nix ")
        person.completes("bench rtt --wire li", "nes ")
        person.completes("replay --speed m", "ax ")
        person.completes("publish --interfaces l", "o ")
        person.completes("help mon", "itor ")
        person.completes(f"replay {place}/ho", "use/")
        person.completes(f"replay {place}/house/e", "vening.zst ")
        person.completes(f"record --output={place}/house/e", "vening.zst ")
        person.completes(f"replay {place}/tw", "o words' ")
        person.lists(f"publish -c {place}/", "house/", "two words")
        hold(b"hidden" not in person.shell.heard, "a hidden file")
        person.completes(f"publish -c {place}/.h", "idden ")
        person.leaves()


if __name__ == "__main__":
    main()
