#!/usr/bin/env python3
"""autobus-shell: commands from a pipe, a file and a person, completion, history, and what goes on in the background."""

import os
import re
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from person import CTRL_A, CTRL_C, CTRL_D, CTRL_U, CTRL_Z, PROMPT, UP, Person, ends, folder, script  # noqa: E402
from stage import hold, main, test  # noqa: E402


@test
def a_pipe_is_done_line_by_line_as_the_programs_would(stage):
    lamp = DemoLamp(stage)
    ends(script(stage, "call demo.lamp echo hello"), 0, '"hello"\n')
    for line in ("call demo.lamp set on=true", "ls -l", "ls -j demo.*", "ls --tree", "show demo.lamp",
                 "watch demo.lamp state -n 1", f"call {lamp.place} echo 1", "call demo.lamp fail",
                 "call demo.lamp set level=140", "listen demo.lamp pressed -t 0.1", "show -s lamp-2 -t 0.2", "ls -x"):
        verb, *words = line.split()
        alone, here = stage.run(f"autobus-{verb}", *words), script(stage, line)
        hold((here.returncode, here.stdout, here.stderr) == (alone.returncode, alone.stdout, alone.stderr), alone, here)


@test
def words_are_quoted_as_in_other_shells(stage):
    DemoLamp(stage, name="Desk lamp")
    ends(script(stage, "# a comment", "", "call demo.lamp echo 'a b' # another", r"call demo.lamp echo a\ b",
                """call demo.lamp echo '{"a": 1}'""", r"call demo.lamp echo $'a\040b'", "call demo.lamp add -5 7\r",
                "call -k 'name=Desk lamp' '*' echo 1"),
         0, '"a b"\n"a b"\n{"a":1}\n"a b"\n2\n1\n')


@test
def a_verb_may_be_typed_as_its_program_is(stage):
    DemoLamp(stage)
    ends(script(stage, "autobus-call demo.lamp echo 1", "autobus call demo.lamp echo 2", "autobus help stop"), 0,
         "1\n2\nstop NUMBER: end a job\n")


@test
def the_last_command_tells_how_it_ends(stage):
    DemoLamp(stage)
    hold(script(stage, "call demo.lamp fail").returncode == 5, "5")
    hold(script(stage, "call demo.lmp x -t 0.2", "call demo.lamp echo 1").returncode == 0, "0")
    hold(script(stage, "call demo.lamp echo 1", "dance").returncode == 2, "2")
    hold(script(stage, "call demo.lamp fail", "exit").returncode == 5, "exit")
    hold(script(stage, "exit 7", "call demo.lamp echo 1").returncode == 7, "exit 7")
    ends(script(stage), 0)


@test
def with_e_the_first_failure_ends_it_and_tells_its_line(stage):
    DemoLamp(stage)
    lines = ("call demo.lamp echo 1", "# comment", "call demo.lamp fail", "call demo.lamp echo 2")
    done = script(stage, *lines, words=["-e"])
    ends(done, 5, "1\n")
    hold("autobus-shell: line 3 ended with 5" in done.stderr, done)
    ends(script(stage, "call demo.lamp echo 1", "exit 3", words=["-e"]), 3, "1\n")


@test
def mistakes_are_told_in_one_sentence_and_it_goes_on(stage):
    DemoLamp(stage)
    for line, part in (("dance", "'dance'"), ("cal x", "did you mean 'call'?"), ("ls | jq", "'|'"), ("& ", "before &"),
                       ("call x y &", "background"), ("stop", "jobs"), ("stop 3", "no job 3"), ("jobs x", "'x'"),
                       ("exit soon", "'soon'"), ("help ls ls", "one word too many"), ("autobus", "'autobus'"),
                       ("call demo.lamp echo -", "standard input"), ("chat demo.lamp talk", "standard input"),
                       ("autobus-autobus-ls", "no verb"), ("call 'x", "quote '")):
        done = script(stage, line, "call demo.lamp echo 1")
        ends(done, 0, "1\n")
        hold(part in done.stderr and done.stderr.count("\n") == 1, line, done)


@test
def commands_come_from_a_file_as_well(stage):
    DemoLamp(stage)
    with folder() as place:
        path = os.path.join(place, "evening")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!{stage.program('autobus-shell')}\ncall demo.lamp echo 1\nchat demo.lamp talk -n 1")
        os.chmod(path, 0o755)
        ends(stage.run("autobus-shell", path, input="hello\n"), 0, '1\n"hello"\n')
        running = stage.start_script(path, stdin=subprocess.PIPE)
        running.process.stdin.write(b"hello\n")
        running.process.stdin.flush()
        hold(running.end() == 0 and running.rest() == '1\n"hello"\n', running.heard)
        done = stage.run("autobus-shell", os.path.join(place, "nonesuch"))
        hold(done.returncode == 1 and "nonesuch" in done.stderr, done)
        done = stage.run("autobus-shell", place)
        hold(done.returncode == 1 and "could not be read" in done.stderr, done)
    done = script(stage, "call demo.lamp echo 1", "a\0b", "call demo.lamp echo 2")
    ends(done, 2, "1\n")
    hold("line 2 has a zero byte" in done.stderr, done)
    hold(stage.run("autobus-shell", "a", "b").returncode == 2, "two files")


@test
def scripts_may_be_long_and_their_lines_too(stage):
    ends(script(stage, *["jobs"] * 10000, "exit 7"), 7)
    done = script(stage, "exit " + "7 " * 50000, "exit " + "7" * 1000000, "j" * 1000000, "exit 8")
    hold(done.returncode == 8 and done.stdout == "", done.returncode)
    with open("/dev/zero", "rb") as endless:
        done = stage.run("autobus-shell", stdin=endless)
    hold(done.returncode == 2 and "line 1 is longer than 16 MiB" in done.stderr, done)


@test
def what_is_no_text_is_a_mistake_and_nothing_worse(stage):
    with folder() as place:
        path = os.path.join(place, "odd")
        for text, code, part in ((b"help \xff\xfe\nexit 9", 9, "\\xff\\xfe"), (b"\xc3(\n", 2, "\\xc3("),
                                 (b"exit '", 2, "quote '"), (b"exit 9\\", 2, "exit takes"), (b"''", 2, "no verb ''"),
                                 (b"\x1b[2J\n", 2, "\\x1b[2J"), (b"\r\nexit 9\r\n", 9, "")):
            with open(path, "wb") as file:
                file.write(text)
            done = stage.run("autobus-shell", path)
            hold(done.returncode == code and part in done.stderr and done.stderr.count("\n") <= 1, text, done)


@test
def a_network_that_is_known_answers_at_once(stage):
    """A program on its own would look for two seconds for what is not there, and for 20 ms for what is."""
    DemoLamp(stage)
    began = time.monotonic()
    done = script(stage, "listen demo.lamp pressed -t 1.1", *["call demo.lmp echo 1"] * 5,
                  *["call demo.lamp echo 1"] * 400)
    took = time.monotonic() - began
    ends(done, 0, "1\n" * 400)
    hold(done.stderr.count("Did you mean 'demo.lamp'?") == 5 and took < 8, took, done.stderr)


@test
def several_are_several_in_a_network_that_is_known(stage):
    DemoLamp(stage, "lamp-1")
    DemoLamp(stage, "lamp-2")
    done = script(stage, "listen demo.lamp pressed -t 1.1 --any", "call demo.lamp echo 1")
    hold(done.returncode == 8 and "-s lamp-1" in done.stderr and "-s lamp-2" in done.stderr, done)
    done = script(stage, "call demo.lamp echo 1 --each")
    hold(done.returncode == 0 and sorted(done.stdout.splitlines()) == ["lamp-1  1", "lamp-2  1"], done)


@test
def another_network_is_asked_where_an_option_says_so(stage):
    DemoLamp(stage)
    ends(script(stage, "call demo.lamp echo 1 --interfaces lo", "call demo.lamp echo 2"), 0, "1\n2\n")
    hold(script(stage, "ls -q -t 0.2 --discovery none").returncode == 3, "nobody is asked")


@test
def what_follows_can_go_on_in_the_background(stage):
    lamp = DemoLamp(stage)
    running = stage.start("autobus-shell", stdin=subprocess.PIPE)

    def types(line):
        running.process.stdin.write(f"{line}\n".encode())
        running.process.stdin.flush()

    types("watch demo.lamp level &")
    running.wait_for("lamp-1  level  0\n")
    lamp.set("level", 3)
    running.wait_for("lamp-1  level  3\n")
    types("listen demo.lamp pressed -n 1 &")
    types("call demo.lamp echo 1")
    running.wait_for("1\n", since=len(b"lamp-1  level  0\nlamp-1  level  3\n"))
    types("jobs")
    running.wait_for("1  watch demo.lamp level\n2  listen demo.lamp pressed -n 1\n")
    lamp.fire(4)
    running.wait_for("lamp-1  pressed  [4]\n")
    types("stop 1")
    types("call demo.lamp echo stopped")
    running.wait_for('"stopped"\n')
    lamp.set("level", 9)
    types("call demo.lamp echo end")
    running.wait_for('"end"\n')
    running.process.stdin.close()
    running.process.stdin = None
    hold(running.end() == 0 and "level  9" not in running.rest(), running.heard)
    told = running.complaint()
    hold("[2] listen demo.lamp pressed -n 1: done" in told and told.count("[1]") == 1, told)


@test
def wait_waits_until_nothing_is_left_and_tells_what_failed(stage):
    DemoLamp(stage)
    done = script(stage, "watch demo.lamp level -n 1 &", "listen demo.lamp pressed -t 0.2 &", "wait")
    ends(done, 4, "lamp-1  level  0\n")
    hold("nothing came" in done.stderr and "[1] listen demo.lamp pressed -t 0.2: ended with 4" in done.stderr, done)
    done = script(stage, "watch demo.lamp stat -t 0.3 &", "call demo.lamp echo 1", "wait")
    hold(done.returncode == 4 and done.stdout == "1\n" and "Did you mean 'state'?" in done.stderr, done)
    ends(script(stage, "wait"), 0)


@test
def an_interrupt_ends_a_script(stage):
    DemoLamp(stage)
    for line in ("call demo.lamp hold", "watch demo.lamp level", "# nothing, but no end either"):
        running = stage.start("autobus-shell", "-v", stdin=subprocess.PIPE)
        running.process.stdin.write(f"call demo.lamp echo 1\n{line}\ncall demo.lamp echo 2\n".encode()
                                    if line[0] != "#" else b"call demo.lamp echo 1\n")
        running.process.stdin.flush()
        running.wait_for("1\n0\n" if "watch" in line else "1\n")
        running.signal(signal.SIGINT)
        hold(running.end() == 130 and "2\n" not in running.rest(), line, running.process.returncode)


@test
def a_reader_that_goes_away_ends_it_quietly(stage):
    lamp = DemoLamp(stage)
    running = stage.start("autobus-shell", stdin=subprocess.PIPE)
    running.process.stdin.write(b"watch demo.lamp level &\n")
    running.process.stdin.flush()
    running.wait_for("level  0\n")
    running.close_output()
    lamp.set("level", 1)
    hold(running.end() == 0, running.process.returncode)


@test
def output_that_cannot_be_written_is_a_failure(stage):
    DemoLamp(stage)
    done = stage.start_script("sh", "-c", f"echo ls | {stage.program('autobus-shell')} >/dev/full")
    hold(done.end() == 1 and "could not be written" in done.complaint(), done.process.returncode)


@test
def on_a_terminal_verbs_options_and_services_are_completed(stage):
    DemoLamp(stage, name="Desk lamp", room="hall")
    person = Person(stage)
    person.completes("sho", "w ")
    person.completes("autobus cal", "l ")
    person.lists("c", "call  chat")
    person.completes("call --no", "-reply ")
    person.completes("call de", "mo.lamp ")
    person.completes("call demo.lamp se", "t ")
    person.completes("watch demo.lamp level st", "ate ")
    person.completes("listen demo.lamp pr", "essed ")
    person.completes("chat demo.lamp ta", "lk ")
    person.completes("show -s la", "mp-1 ")
    person.completes("call -s lamp-1 ech", "o ")
    person.completes("ls -k roo", "m=")
    person.completes("ls --key=room=", "hall ")
    person.completes("ls -k name=", "Desk lamp' ")
    person.completes("ls --color=ne", "ver ")
    person.completes("show --names ob", "jects ")
    person.leaves()


@test
def the_parameters_of_a_function_are_completed_each_once(stage):
    DemoLamp(stage)
    person = Person(stage)
    person.lists("call demo.lamp set ", "level=  note=   on=")
    person.completes("call demo.lamp set le", "vel=")
    person.lists("call demo.lamp set level=4 ", "note=  on=\r")
    person.completes("call demo.lamp set on=t", "rue ")
    person.types("call demo.lamp set on=t\tle\t40\r")
    person.sees("\ntrue\r\n" + PROMPT)
    person.leaves()


@test
def completion_keeps_up_with_the_network(stage):
    person = Person(stage)
    person.types("call \t")
    person.sees("\a")
    DemoLamp(stage)
    stage.announcer().add("id-1", {"type": "heater"})
    person.asks(CTRL_U + "ls -qw -t 0.3", "heater")
    person.lists("call ", "demo.lamp  heater")
    person.leaves()


@test
def nothing_from_the_network_commands_the_terminal(stage):
    evil = "evil\x1b[2J\x07\u202e;$(x)"
    announcer = stage.announcer()
    announcer.add(evil, {"type": evil, "name": evil, evil: 1})
    announcer.add(evil + "2", {"type": evil + "2"})
    person = Person(stage, terminal=(200, 24))
    person.asks("ls -q -t 1", "evil\\x1b[2J\\x07\\u202e;$(x)2")
    person.completes("show ev", "\x1b[15G$'evil\\033[2J\\007\\342\\200\\256;$(x)")
    shown = "evil\\x1b[2J\\x07\\u202e;$(x)"
    person.lists("show $'evil\\033[2J\\007\\342\\200\\256;$(x)", f"{shown}   {shown}2")
    person.completes("show -s ev", "$'")
    person.completes("ls -k ev", "$'")
    said = person.leaves()
    hold("\u202e" not in said and "\x1b[2J" not in said, repr(said))
    hold(not re.search("[\x00-\x06\x0e-\x1a\x7f-\x9f]", said), repr(said))


@test
def news_stand_above_the_line_that_is_typed(stage):
    lamp = DemoLamp(stage)
    person = Person(stage, terminal=(40, 12))
    person.asks("watch demo.lamp level &", "level", "[1] watch demo.lamp level\r\n")
    person.types("call demo.lamp echo 'a line of two rows'")
    person.sees("two rows'")
    lamp.set("level", 7)
    person.sees("\x1b[1A\r\x1b[J")  # what was typed is taken away, row by row
    person.sees("7\r\n" + PROMPT + "call demo.lamp echo")
    person.types("\r")
    person.sees('"a line of two rows"\r\n' + PROMPT)
    person.leaves()


@test
def ctrl_c_takes_the_line_or_ends_what_runs(stage):
    DemoLamp(stage)
    person = Person(stage)
    person.types("call demo.la")
    person.sees("call demo.la")
    person.types(CTRL_C)
    person.sees("^C\r\n" + PROMPT)
    for line in ("call demo.lamp hold", "call nothing x --wait", "ls -w", "chat demo.lamp talk"):
        person.types(line + "\r")
        person.sees("\r\n")
        person.types(CTRL_C)
        person.sees(PROMPT)
    person.types("watch demo.lamp level\r")
    person.sees("\r\n0\r\n")
    person.types(CTRL_C)
    person.sees("^C\r\n" + PROMPT)
    person.asks("call demo.lamp echo 5", "\n5\r")
    person.leaves()


@test
def ctrl_d_ends_it_on_an_empty_line_and_what_it_says_to_is_the_code(stage):
    DemoLamp(stage)
    person = Person(stage)
    person.asks("call demo.lamp fail", "I do not want to.")
    person.leaves(0)
    person = Person(stage)
    person.types("exit 9\r")
    hold(person.shell.end() == 9, person.shell.process.returncode)
    person = Person(stage, "-e")
    person.types("call demo.lamp fail\r")
    hold(person.shell.end() == 5, person.shell.process.returncode)


@test
def a_channel_is_talked_on_until_ctrl_d(stage):
    DemoLamp(stage)
    person = Person(stage)
    person.types("chat demo.lamp talk\r")
    person.sees("It is open.")
    person.types("hello\r")
    person.sees('"hello"\r\n')
    person.types(CTRL_D)
    person.sees(PROMPT)
    person.asks("call demo.lamp echo 5", "\n5\r")
    person.leaves()


@test
def ctrl_z_stops_it_and_the_line_is_still_there(stage):
    person = Person(stage)
    person.types("jobs")
    person.sees("jobs")
    person.types(CTRL_Z)
    person.shell.wait_until_stopped()
    person.shell.signal(signal.SIGCONT)
    person.sees(PROMPT + "jobs")
    person.asks("")
    person.leaves()


@test
def a_request_to_end_is_obeyed_cleanly(stage):
    DemoLamp(stage)
    for number in (signal.SIGTERM, signal.SIGHUP):
        for line in ("", "watch demo.lamp level\r", "call demo.lamp hold\r"):
            person = Person(stage)
            person.types(line)
            person.sees("level\r\n0" if "watch" in line else "hold\r\n" if line else "")
            person.shell.signal(number)
            hold(person.shell.end() == 0, line, person.shell.process.returncode)
    person = Person(stage)
    person.shell.close_output()
    hold(person.shell.end() == 0, "a terminal that is closed", person.shell.process.returncode)


@test
def what_was_typed_is_there_again_the_next_time(stage):
    with folder() as place:
        person = Person(stage, XDG_STATE_HOME=place)
        person.asks("help jobs")
        person.asks(" help stop")
        person.types(UP)
        person.sees("help jobs")
        person.types(CTRL_C)
        person.sees(PROMPT)
        person.leaves()
        path = os.path.join(place, "autobus/shell-history")
        with open(path, encoding="utf-8") as file:
            hold(file.read() == "help jobs\n", "the history is another one")
        hold(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "others may read it")
        person = Person(stage, XDG_STATE_HOME=place)
        person.types(UP)
        person.sees("help jobs")
        person.types(CTRL_C)
        person.leaves()


@test
def a_history_that_cannot_be_kept_is_none(stage):
    with folder() as place:
        os.mkdir(os.path.join(place, "autobus"))
        path = os.path.join(place, "autobus/shell-history")
        for makes in (os.mkdir, os.mkfifo, lambda path: os.symlink("/dev/full", path)):
            makes(path)
            person = Person(stage, XDG_STATE_HOME=place)
            person.asks("help jobs", "in the background")
            person.types(UP)
            person.sees("help jobs")
            person.types(CTRL_U)
            person.leaves()
            os.rename(path, os.path.join(place, makes.__name__))


@test
def keys_are_as_somebody_has_bound_them(stage):
    with folder() as place:
        with open(os.path.join(place, ".editrc"), "w", encoding="utf-8") as file:
            file.write("bind -v\n")
        person = Person(stage, HOME=place)
        person.completes("sho", "w ")
        person.types("jobs\x1b0ihelp \r")
        person.sees("jobs: what goes on in the background\r\n" + PROMPT)
        person.leaves()


@test
def a_terminal_of_forty_columns_is_enough(stage):
    DemoLamp(stage)
    person = Person(stage, terminal=(40, 12))
    at = person.at
    person.asks("help", "call TYPE FUNCTION [ARGUMENT]...\r\n    call a function\r\n")
    shown = person.shell.heard[at:].decode().split("\r\n")
    hold(all(len(line) <= 40 for line in shown), shown)
    person.lists("call demo.lamp ", "add   echo  fail  hold  set\r\n")
    person.types("call demo.lamp echo 0123456789012345" + CTRL_A)
    person.sees("\x1b[A")
    person.types("\r")
    person.sees("\r\n\"0123456789012345\"\r\n" + PROMPT)
    person.leaves()


@test
def odd_keys_and_any_width_are_survived(stage):
    person = Person(stage, terminal=(20, 4))
    person.asks(b"help \xff\xc3jobs", "in the background")
    person.asks(b"he\x00lp \x1b[999~", PROMPT[:4])
    person.asks(CTRL_U + "help " + 300 * "so ", "too many")
    person.types("call ''" + 50 * " so much text")
    for columns in (1, 7, 300, 2, 80):
        person.shell.resize(columns, columns % 9)
    person.types(CTRL_U)
    for begun in ("'", "$'\\0", "call -", "call -k ''", "| ", "& ", "call 1.2.3.4:5/x "):
        person.types(begun + "\t\t" + CTRL_U)
    person.asks("help stop", "stop NUMBER")
    person.leaves()


@test
def a_terminal_without_a_cursor_gets_plain_lines(stage):
    lamp = DemoLamp(stage)
    person = Person(stage, needs_libedit=False, TERM="dumb")
    hold(b"cannot be edited" in person.shell.heard, person.shell.heard)
    person.asks("watch demo.lamp level &", "level  0")
    lamp.set("level", 4)
    person.sees("\nlamp-1  level  4\r\n" + PROMPT)
    person.types("call demo" + CTRL_C)
    person.sees("\n" + PROMPT)
    person.types("jo\x16\x00bs\r")  # Ctrl-V and Ctrl-Space
    person.sees("zero byte")
    person.sees("\n" + PROMPT)
    person.asks("call demo.lamp echo 5", "\n5\r")
    person.leaves()


if __name__ == "__main__":
    main()
