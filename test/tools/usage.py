#!/usr/bin/env python3
"""The words of the tools: help, versions, mistakes and how each is told."""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402

FOLDERS = Path(__file__).resolve().parents[2] / "busd-less-tools"
TOOLS = sorted(path.parent.name for path in FOLDERS.glob("*/main.c") if path.parent.name != "front")


def rejects(stage, words, *parts):
    done = stage.run("autobus-ls", *words)
    hold(done.returncode == 2, words, "ended with", done.returncode)
    hold(done.stdout == "", words, "said", done.stdout)
    hold(done.stderr.startswith("autobus-ls: ") and done.stderr.count("\n") == 1, "not one sentence:", done.stderr)
    for part in parts:
        hold(part in done.stderr, f"{part!r} is not in {done.stderr!r}")


@test
def help_names_every_option_and_fits_a_terminal(stage):
    done = stage.run("autobus-ls", "--help")
    hold(done.returncode == 0 and done.stderr == "", done)
    for word in ("-k, --key", "-w, --watch", "-l, --long", "-a, --all", "-t, --timeout", "-j, --json", "--interfaces",
                 "--peers", "--port", "--discovery", "--color", "-v, --verbose", "-q, --quiet", "-h, --help",
                 "-V, --version"):
        hold(word in done.stdout, word, "is missing")
    hold(all(len(line) <= 80 for line in done.stdout.splitlines()), "it is too wide")


@test
def help_of_every_tool_fits_a_terminal_and_tells_how_it_ends(stage):
    for tool in TOOLS:
        done = stage.run(f"autobus-{tool}", "--help")
        hold(done.returncode == 0 and done.stderr == "", tool, done)
        hold(all(len(line) <= 80 for line in done.stdout.splitlines()), tool, "is too wide")
        for word in ("Usage: autobus-", "Examples:", "Exit codes: 0 done", "130", "-q, --quiet", "--color"):
            hold(word in done.stdout, tool, "does not say", word)


@test
def version_is_one_line(stage):
    done = stage.run("autobus-ls", "--version")
    hold(done.returncode == 0 and done.stdout.startswith("autobus-ls (Autobus) "), done)


@test
def mistakes_are_told_in_one_sentence_that_names_them(stage):
    rejects(stage, ["--wacth"], "--wacth", "--help")
    rejects(stage, ["-x"], "-x")
    rejects(stage, ["-k"], "-k CONDITION")
    rejects(stage, ["-k", "=5"], "-k =5")
    rejects(stage, ["-t", "soon"], "soon", "0.5")
    rejects(stage, ["-t", "0"], "'0'")
    rejects(stage, ["--port", "70000"], "70000", "65535")
    rejects(stage, ["--color=sometimes"], "sometimes", "never")
    rejects(stage, ["--watch=yes"], "--watch")
    rejects(stage, ["lamp", "heater"], "lamp", "heater")
    rejects(stage, ["room=kitchen"], "-k 'room=kitchen'")
    rejects(stage, [""], "TYPE")
    rejects(stage, ["-s", ""], "-s")
    rejects(stage, ["-s", "lamp-1", "lamp"], "'lamp'", "-s")
    rejects(stage, ["-w", "10.0.0.2:80/lamp-1"], "place")
    rejects(stage, ["--watch", "--tree"], "--tree")
    rejects(stage, ["-wm"], "--members")


@test
def what_the_library_rejects_is_a_mistake_too(stage):
    rejects(stage, ["--discovery", "telepathy"], "telepathy")
    rejects(stage, ["--interfaces", "nonesuch0"], "nonesuch0")


@test
def a_mistake_is_harmless_to_the_terminal(stage):
    rejects(stage, ["--color=\x1b[2J"], "\\x1b[2J")


@test
def the_front_finds_its_verbs(stage):
    hold(stage.run("autobus", "ls", "--version").stdout.startswith("autobus-ls "), "ls is not found")
    hold("autobus ls" in stage.run("autobus").stdout, "it does not list ls")
    hold("--watch" in stage.run("autobus", "help", "ls").stdout, "help ls is not that of ls")
    hold(stage.run("autobus", "--version").stdout.startswith("autobus "), "it has no version")


@test
def the_front_rejects_what_is_no_verb(stage):
    for words in (["list"], ["--watch"], [""], ["../autobus-ls"]):
        done = stage.run("autobus", *words)
        hold(done.returncode == 2 and done.stderr.startswith("autobus: "), words, done)
    hold("autobus ls" in stage.run("autobus", "list").stderr, "it does not say which verbs there are")


@test
def the_front_passes_exit_codes_on(stage):
    hold(stage.run("autobus", "ls", "-x").returncode == 2, "a mistake is lost")
    hold(stage.run("autobus", "ls", "-q", "-t", "0.2").returncode == 3, "an empty result is lost")


if __name__ == "__main__":
    main()
