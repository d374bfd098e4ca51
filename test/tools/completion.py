#!/usr/bin/env python3
"""Completion in bash, zsh and fish: it knows every option and what is on the network, and runs nothing of it."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import hold, main, need, test  # noqa: E402

FOLDERS = Path(__file__).resolve().parents[2] / "busd-less-tools"
TOOLS = sorted(path.parent.name for path in FOLDERS.glob("*/main.c") if path.parent.name != "front")
# What a word of a command line or the value of an option can be that nobody could complete.
FREE_WORDS = {"ARGUMENT", "KEY=VALUE", "OPTION"}
FREE_VALUES = {"BYTES", "CONDITION", "FILE", "ID", "JSON", "MICROSECONDS", "NAME", "NAME=COMMAND", "NAME=VALUE",
               "NUMBER", "PORT", "SECONDS", "TEXT"}
LIVE_WORDS = {"FILE", "TYPE", "PLACE", "FUNCTION", "OBJECT", "EVENT", "CHANNEL"}
MOMENT_MS = 100
TRIES = 20  # others want the machine too, and completion waits no longer for that
# Asks a shell's own rule, with the words of a command line, and prints what it offers.
BASH = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); rule=$(complete -p "$1"); rule=${rule#*-F }; ' \
       '"${rule%% *}" "$1" "${@: -1}" "${@: -2:1}"; ' \
       'printf "%s\\n" "${COMPREPLY[@]}"'
FISH = 'source $argv[1]; complete --do-complete "$argv[2]"'


def surroundings(stage):
    return {**stage.env, "PATH": f"{stage.build}:{stage.env['PATH']}", "HOME": "/nonexistent"}


def offered(stage, argv):
    done = subprocess.run(argv, env=surroundings(stage), capture_output=True, text=True, timeout=10, check=False)
    hold(done.returncode in (0, 3), done)
    return done.stdout.splitlines()


def rules(stage, *words):
    """What complete.sh says that the last of these words may become, and what that is."""
    return dict(line.partition("\t")[::2]
                for line in offered(stage, ["sh", stage.build / "share/autobus/complete.sh", *words]))


def completions(stage, *words):
    """What the last of these words may become in bash."""
    stage.program(words[0])
    return [word for word in offered(stage, ["bash", "-c", BASH, stage.build /
                                             f"share/bash-completion/completions/{words[0]}", *words]) if word]


def completions_of_fish(stage, line):
    """What the last word of a line may become in fish, and what that is."""
    file = stage.build / f"share/fish/vendor_completions.d/{line.split()[0]}.fish"
    return dict(one.partition("\t")[::2] for one in offered(stage, [need("fish"), "-N", "-c", FISH, file, line]))


def offers_soon(stage, want, *words):
    hold(any(completions(stage, *words) == want for _ in range(TRIES)), words, "do not become", want)


def fish_offers_soon(stage, want, line):
    hold(any(set(completions_of_fish(stage, line)) == want for _ in range(TRIES)), line, "does not become", want)


class Terminal:
    """An interactive shell with our rules, and somebody who types."""

    def __init__(self, stage, shell, script, *words):
        stage.env = {**surroundings(stage), "PS1": "", "TERM": "dumb", "HISTFILE": ""}
        self._shell = stage.start_script(need(shell), *words, terminal=(200, 50))
        self._shell.type(f"{script}; PS1='re''ady: '\n")
        self._at = self._shell.wait_for("ready: ", within=60)

    def turns(self, typed, into):
        """A Tab behind what is typed makes this of it, soon."""
        for left in reversed(range(TRIES)):
            self._shell.type(typed + "\t")
            try:
                self._shell.wait_for(into, since=self._at, within=2)
                return
            except AssertionError:
                if left == 0:
                    raise
            finally:
                self._shell.type("\x15")
                self._at = len(self._shell.heard)


@test
def every_option_of_every_tool_is_completed_and_explained(stage):
    for tool in TOOLS:
        said = re.findall(r"^  [-, a-zA-Z]{4}(--[a-z-]+)", stage.run(f"autobus-{tool}", "--help").stdout, re.MULTILINE)
        hold(len(said) >= 9, tool, said)
        hold(completions(stage, f"autobus-{tool}", "--") == said, tool)
        hold(all(rules(stage, f"autobus-{tool}", "--").values()), tool, "has an option that is not explained")


@test
def every_word_and_value_is_completed_or_known_to_be_free(stage):
    """Of a new one say in complete.sh what it may become; or here, that nobody knows."""
    for tool in TOOLS:
        help_ = stage.run(f"autobus-{tool}", "--help").stdout
        usage = help_.splitlines()[0].split()[2:]
        for word in {re.sub(r"[][.]", "", one) for one in usage if not one.startswith(("[-", "CONDITION"))}:
            hold(word in FREE_WORDS | LIVE_WORDS | {"WHAT", "FILE"}, tool, "takes a word of unknown kind:", word)
        for option, value in re.findall(r"^  [-, a-zA-Z]{4}(--[a-z-]+)=(\S+)", help_, re.MULTILINE):
            hold(value in FREE_VALUES or option == "--peers" or rules(stage, f"autobus-{tool}", option, ""),
                 tool, "has an option with a value of unknown kind:", option, value)


@test
def options_are_completed(stage):
    hold(completions(stage, "autobus-ls", "--wa") == ["--watch"], "--wa")
    hold(completions(stage, "autobus-ls", "--color", "a") == ["auto", "always"], "--color")
    hold(completions(stage, "autobus-ls", "--color", "=", "n") == ["never"], "as bash takes it apart")
    hold(completions(stage, "autobus-ls", "--interfaces", "l") == ["lo"], "--interfaces")
    hold(completions(stage, "autobus-ls", "-k", "l") == [], "a condition is free text")
    hold(completions(stage, "autobus-publish", "-c", "/et") == ["/etc"], "a file")
    hold(completions(stage, "autobus-shell", "-e", "/et") == ["/etc"], "a file")
    hold(completions(stage, "autobus-replay", "--speed", "m") == ["max"], "--speed")


@test
def files_are_completed_where_a_word_is_one(stage):
    hold(completions(stage, "autobus-replay", "/et") == ["/etc"], "a recording")
    hold(completions(stage, "autobus", "replay", "--loop", "/et") == ["/etc"], "behind the front")
    hold(completions(stage, "autobus-replay", "x", "/et") == [], "one is enough")


@test
def the_front_completes_verbs_and_then_as_they_do(stage):
    hold("ls" in completions(stage, "autobus", "l"), "no verb")
    hold(completions(stage, "autobus", "ls", "--wa") == ["--watch"], "--wa")


@test
def what_can_be_measured_is_completed(stage):
    hold(completions(stage, "autobus-bench", "r") == ["rtt"], "rtt")
    hold(completions(stage, "autobus", "bench", "dis") == ["discovery"], "behind the front")
    hold(completions(stage, "autobus-bench", "--wire", "l") == ["lines"], "--wire")
    hold(completions(stage, "autobus-bench", "--pay") == ["--payload"], "--pay")


@test
def a_type_is_completed_where_one_stands(stage):
    stage.announcer().add("id-1", {"type": "lamp"})
    offers_soon(stage, ["lamp"], "autobus-call", "la")
    offers_soon(stage, ["lamp"], "autobus", "call", "-t", "3", "la")
    hold(completions(stage, "autobus-call", "lamp", "set", "la") == [], "an argument is free text")
    offers_soon(stage, ["--no-reply"], "autobus-call", "--no")
    hold(completions(stage, "autobus-show", "lamp", "la") == [], "one type is enough")
    offers_soon(stage, ["lamp"], "autobus-doctor", "la")


@test
def members_come_from_the_service_that_was_typed(stage):
    DemoLamp(stage)
    offers_soon(stage, ["set"], "autobus-call", "demo.lamp", "s")
    offers_soon(stage, ["echo"], "autobus-call", "-k", "a=b", "-t", "3", "demo.lamp", "--any", "e")
    offers_soon(stage, ["level"], "autobus-watch", "demo.lamp", "state", "l")
    offers_soon(stage, ["pressed"], "autobus", "listen", "demo.lamp", "p")
    offers_soon(stage, ["talk"], "autobus-chat", "demo.lamp", "t")
    offers_soon(stage, ["lamp"], "autobus-publish", "--demo", "l")
    offers_soon(stage, ["events"], "autobus-show", "--names", "ev")


@test
def types_come_from_the_network_and_nothing_in_them_is_run(stage):
    proof = stage.build / f"completion-ran-{os.getpid()}"
    announcer = stage.announcer()
    announcer.add("id-1", {"type": "lamp"})
    announcer.add("id-2", {"type": "lamp.old"})
    for number, type_ in enumerate((f"lamp$(touch${{IFS}}{proof})", f"lamp`touch {proof}`", "lamp;x", "lamp'")):
        announcer.add(f"evil-{number}", {"type": type_})
    offers_soon(stage, ["lamp", "lamp.old"], "autobus-ls", "la")
    hold(not proof.exists(), "a type was run")


@test
def what_is_no_verb_is_not_run(stage):
    folder = stage.build / f"autobus-{os.getpid()}"
    proof = folder / "ran"
    folder.mkdir()
    try:
        (folder / "ls").write_text(f"#!/bin/sh\ntouch {proof}\n", encoding="utf-8")
        (folder / "ls").chmod(0o755)
        for front in ("autobus", str(stage.build / "autobus")):
            rules(stage, front, f"{os.getpid()}/ls", "")
        hold(not proof.exists(), "it was run")
    finally:
        shutil.rmtree(folder)


@test
def the_network_is_waited_for_a_moment_and_no_longer(stage):
    """The best of some tries, without what this machine needs to start the same programs: it may be busy."""
    DemoLamp(stage)
    for words in (["autobus-ls", "d"], ["autobus-call", "demo.lamp", "s"], ["autobus-call", "nonesuch", ""]):
        tries = [(took(lambda: rules(stage, *words)), took(lambda: start_them(stage, words[0]))) for _ in range(TRIES)]
        waited = min(live for live, _ in tries) - min(dead for _, dead in tries)
        hold(waited <= MOMENT_MS, words, "waited", waited, "ms")


def took(function):
    """In milliseconds."""
    started = time.monotonic()
    function()
    return (time.monotonic() - started) * 1000


def start_them(stage, tool):
    hold(rules(stage, tool, "--") and stage.run("autobus-ls", "--version").returncode == 0, tool)


@test
def a_network_that_does_not_answer_is_nothing_to_speak_of(stage):
    for words in (["autobus-ls", ""], ["autobus-call", "lamp", ""], ["autobus", "nonesuch", ""], ["autobus", "ls", ""]):
        hold(rules(stage, *words) == {}, words)


@test
def in_fish_it_is_the_same(stage):
    DemoLamp(stage)
    for tool in TOOLS:
        hold(completions_of_fish(stage, f"autobus-{tool} --hel") == {"--help": "show this"}, tool)
    fish_offers_soon(stage, {"--color=never"}, "autobus-ls --color=n")
    fish_offers_soon(stage, {"demo.lamp"}, "autobus call de")
    fish_offers_soon(stage, {"set"}, "autobus-call demo.lamp s")
    hold("/etc/" in completions_of_fish(stage, "autobus-publish -c /et"), "a file")


@test
def on_a_terminal_bash_completes(stage):
    DemoLamp(stage)
    file = stage.build / "share/bash-completion/completions/autobus"
    bash = Terminal(stage, "bash", f"source {file}", "--norc", "--noprofile", "-i")
    bash.turns("autobus-ls --wa", "autobus-ls --watch")
    bash.turns("autobus-ls --color=n", "autobus-ls --color=never")
    bash.turns("autobus call de", "autobus call demo.lamp")
    bash.turns("autobus-publish -c /et", "autobus-publish -c /etc/")


@test
def on_a_terminal_zsh_completes(stage):
    DemoLamp(stage)
    zsh = Terminal(stage, "zsh", f"fpath=({stage.build}/share/zsh/site-functions $fpath); autoload -Uz compinit; "
                   "compinit -u -D; setopt nobeep", "-f", "-i")
    zsh.turns("autobus-ls --wa", "autobus-ls --watch")
    zsh.turns("autobus-ls --color=n", "autobus-ls --color=never")
    zsh.turns("autobus call de", "autobus call demo.lamp")
    zsh.turns("autobus-watch demo.lamp st", "autobus-watch demo.lamp state")
    zsh.turns("autobus-publish -c /et", "autobus-publish -c /etc/")


@test
def every_command_has_a_file_where_its_shell_looks(stage):
    for name in ("autobus", *(f"autobus-{tool}" for tool in TOOLS)):
        for file in (f"bash-completion/completions/{name}", f"fish/vendor_completions.d/{name}.fish"):
            hold((stage.build / "share" / file).is_file(), f"there is no {file}")


if __name__ == "__main__":
    main()
