#!/usr/bin/env python3
"""The manual pages: one for every tool, with all that its --help says, and exit codes as the docs have them."""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, need, test  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TOOLS = sorted(path.parent.name for path in (ROOT / "busd-less-tools").glob("*/main.c") if path.parent.name != "front")
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"]
CONCEPTS = ("autobus.7", "autobus.3", "autobus-protocol.7")
PAIR = ("watch", "listen")  # have one chapter of the docs
_PAIR_ENDS = re.compile(r"They end with ([^.]*)\.")
_FONT = re.compile(r"\\f[A-Z]|\\&")
_OPTION = re.compile(r"(?:-(\w), )?--([a-z-]+)(?:=(\S+))?$")


def page_of(stage, name):
    """The sections of a page: what stands in each, line by line, as it reads."""
    need("scdoc")
    path = stage.build / "share/man" / f"man{name[-1]}" / name
    hold(path.is_file(), f"there is no page {name}; a tool's is made of its --help and its manual.scd")
    sections, here = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(".SH "):
            here = sections.setdefault(line[4:].strip('"'), [])
        elif not re.match(r"\.|'", line):
            here.append(_FONT.sub("", line).replace("\\-", "-").replace("\\e", "\\").strip())
    return sections


def help_of(stage, tool):
    return stage.run(f"autobus-{tool}", "--help").stdout


def options_in(lines):
    """(short, long, value) of each line that is an option."""
    return {match.groups() for match in map(_OPTION.match, lines) if match}


def codes_in(text):
    return re.findall(r"\b(\d+)\b", text)


@test
def every_tool_has_a_page_with_all_sections(stage):
    for tool in TOOLS:
        page = page_of(stage, f"autobus-{tool}.1")
        hold(list(page) == SECTIONS, tool, list(page))
        hold(all(any(page[section]) for section in SECTIONS), tool, "has an empty section")
        hold(" ".join(page["NAME"]).startswith(f"autobus-{tool} - "), page["NAME"])


@test
def a_page_has_each_option_of_help_and_no_other(stage):
    for tool in TOOLS:
        helped = help_of(stage, tool)
        said = options_in(re.split(r"  +", line.strip())[0] for line in helped.splitlines())
        hold(len(said) >= 9, tool, "has not even the options of every tool:", said)
        page = options_in(page_of(stage, f"autobus-{tool}.1")["OPTIONS"])
        hold(page == said, tool, "differs in", page ^ said)


@test
def exit_codes_are_the_same_in_help_in_the_page_and_in_the_docs(stage):
    docs = (ROOT / "docs/tools.md").read_text(encoding="utf-8")
    for tool in TOOLS:
        told = codes_in(help_of(stage, tool).split("Exit codes: ")[1])
        page = [line for line in page_of(stage, f"autobus-{tool}.1")["EXIT STATUS"] if line.isdigit()]
        ends = re.search(rf"`autobus-{tool}` ends with ([^.]*)\.", docs) or tool in PAIR and _PAIR_ENDS.search(docs)
        hold(ends, f"docs/tools.md does not say with what autobus-{tool} ends")
        hold(told == page, tool, "--help says", told, "and the page", page)
        hold(told == codes_in(re.sub(r"\([^)]*\)", "", ends[1])), tool, "--help says", told, "and the docs", ends[1])


@test
def the_exit_codes_of_all_are_in_the_page_on_concepts(stage):
    docs = (ROOT / "docs/tools.md").read_text(encoding="utf-8").split("\n## Exit codes\n")[1]
    codes = re.findall(r"^\| (\d+) \| (.*) \|$", docs, re.MULTILINE)
    page = [line for line in page_of(stage, "autobus.7")["EXIT STATUS"] if line]
    hold(codes and [(one, page[page.index(one) + 1]) for one in page if one.isdigit()] == codes, page, codes)


@test
def the_pages_on_everything_lead_to_every_tool(stage):
    for name in CONCEPTS:
        hold(page_of(stage, name)["SEE ALSO"], name)
    for tool in TOOLS:
        hold(f"autobus-{tool}(1)" in page_of(stage, "autobus.1")["DESCRIPTION"], tool, "is not in autobus(1)")
        hold(f"autobus-{tool}(1)" in " ".join(page_of(stage, "autobus.7")["SEE ALSO"]), tool, "is not in autobus(7)")


@test
def whoever_sets_the_pages_has_nothing_to_complain_of(stage):
    groff = need("groff")
    for name in (*(f"autobus-{tool}.1" for tool in TOOLS), "autobus.1", *CONCEPTS):
        page_of(stage, name)
        file = stage.build / f"share/man/man{name[-1]}/{name}"
        done = subprocess.run([groff, "-man", "-Tutf8", "-Kutf8", "-ww", file], capture_output=True, text=True,
                              check=False, timeout=60)
        hold(done.returncode == 0 and done.stderr == "" and done.stdout.startswith(name[:-2]), name, done.stderr)


if __name__ == "__main__":
    main()
