#!/usr/bin/env python3
"""Completion in bash: it knows the options and what is on the network, and runs nothing of it."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from demo_lamp import DemoLamp  # noqa: E402
from stage import hold, main, test  # noqa: E402

RULES = Path(__file__).resolve().parents[2] / "busd-less-tools/completion/autobus.bash"
ASK = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); rule=$(complete -p "$1"); rule=${rule#*-F }; ' \
      '"${rule%% *}" "$1" "${@: -1}" "${@: -2:1}"; ' \
      'printf "%s\\n" "${COMPREPLY[@]}"'


def completions(stage, *words):
    """What the last of these words may become."""
    stage.program(words[0])
    env = {**stage.env, "PATH": f"{stage.build}:{stage.env['PATH']}"}
    done = subprocess.run(["bash", "-c", ASK, RULES, *words], env=env, capture_output=True, text=True, timeout=10,
                          check=False)
    hold(done.returncode == 0 and done.stderr == "", done)
    return done.stdout.split()


@test
def options_are_completed(stage):
    hold(completions(stage, "autobus-ls", "--wa") == ["--watch"], "--wa")
    hold(completions(stage, "autobus-ls", "--color", "a") == ["always", "auto"], "--color")
    hold(completions(stage, "autobus-ls", "--interfaces", "l") == ["lo"], "--interfaces")
    hold(completions(stage, "autobus-ls", "-k", "l") == [], "a condition is free text")


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
    hold(completions(stage, "autobus-call", "la") == ["lamp"], "the first word")
    hold(completions(stage, "autobus", "call", "-t", "3", "la") == ["lamp"], "behind the front and an option")
    hold(completions(stage, "autobus-call", "lamp", "set", "la") == [], "an argument is free text")
    hold(completions(stage, "autobus-call", "--no") == ["--no-reply"], "an option")
    hold(completions(stage, "autobus-show", "lamp", "la") == [], "one type is enough")


@test
def members_come_from_the_service_that_was_typed(stage):
    DemoLamp(stage)
    hold(completions(stage, "autobus-call", "demo.lamp", "s") == ["set"], "a function")
    hold(completions(stage, "autobus-call", "-k", "a=b", "-t", "3", "demo.lamp", "--any", "e") == ["echo"], "options")
    hold(completions(stage, "autobus-watch", "demo.lamp", "state", "l") == ["level"], "a second object")
    hold(completions(stage, "autobus", "listen", "demo.lamp", "p") == ["pressed"], "an event behind the front")
    hold(completions(stage, "autobus-chat", "demo.lamp", "t") == ["talk"], "a channel")
    hold(completions(stage, "autobus-publish", "--demo", "l") == ["lamp"], "a demo")
    hold(completions(stage, "autobus-show", "--names", "ev") == ["events"], "a kind")


@test
def types_come_from_the_network_and_nothing_in_them_is_run(stage):
    proof = stage.build / f"completion-ran-{os.getpid()}"
    announcer = stage.announcer()
    announcer.add("id-1", {"type": "lamp"})
    announcer.add("id-2", {"type": "lamp.old"})
    for number, type_ in enumerate((f"lamp$(touch${{IFS}}{proof})", f"lamp`touch {proof}`", "lamp;x", "lamp'")):
        announcer.add(f"evil-{number}", {"type": type_})
    hold(completions(stage, "autobus-ls", "la") == ["lamp", "lamp.old"], "types")
    hold(not proof.exists(), "a type was run")


if __name__ == "__main__":
    main()
