#!/usr/bin/env python3
"""The documentation keeps its word: each block of each page is run, and prints what the page says. Beside the pages
there are some with a mistake on purpose, which has to be noticed."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from pages import ELSEWHERE, Mistaken, parse, play, unjudged  # noqa: E402
from town import main, story  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", *sorted(str(path.relative_to(ROOT)) for folder in ("docs", "bindings", "libautobus")
                              for path in (ROOT / folder).rglob("*.md"))]

MANUALS = sorted(ROOT.glob("busd-less-tools/**/*.scd"))
TOOLS = sorted(path.parent.name for path in ROOT.glob("busd-less-tools/*/main.c") if path.parent.name != "front")

# What a page could say that is not so, and what the test says to that.
MISTAKES = {
    "an output that is not so": ("```console\n$ echo one\ntwo\n```", "instead of\ntwo"),
    "an output that is not all": ("```console\n$ echo one; echo two\none\n```", "instead of\none"),
    "an output that does not come": ("```console\n$ true\none\n```", "instead of\none"),
    "two ids for one service": ("```console\n$ echo 7d1c0f4fa0b3e2c9 7d1c0f4fa0b3e2c9\n"
                                "7d1c0f4fa0b3e2c9 3b0c7d1e5f2a9684\n```", "instead of"),
    "another word after Ctrl-C": ("```console\n$ (trap 'echo end; exit' INT; echo on; while :; do read -rt 9; done)\n"
                                  "on\n^Cbye\n```", "instead of\non\n^Cbye"),
    "a command that fails": ("```sh\nfalse\n```", "ended with 1"),
    "a command that is not there": ("```sh\nautobus-nonesuch\n```", "ended with 127"),
    "another exit code": ("```console\n$ false\n$ echo $?\n0\n```", "printed\n1"),
    "a tool that does what the page denies": ("```console\n$ autobus-ls lamp -t 0.2 2> log\n$ grep -c lamp log\n0\n```",
                                              "ended with 3"),
}


def declare(name, play_it):
    play_it.__name__ = name
    story(play_it)


def declare_page(page):
    """A story for each section in which something is run."""
    try:
        sections = parse(page, (ROOT / page).read_text(encoding="utf-8"))
    except Mistaken as problem:
        sentence = str(problem)
        declare(page, lambda _: unreadable(sentence))
        return
    for section in sections:
        if section.steps:
            declare(section.name, lambda town, section=section: play(town, section))


def unreadable(sentence):
    raise AssertionError(sentence)


def declare_mistake(name, text, verdict):
    section = next(iter(parse("mistake.md", text)))

    def one(town):
        try:
            play(town, section, afterthought=1)
        except AssertionError as problem:
            assert verdict in str(problem), f"noticed, but it says: {problem}"
        else:
            raise AssertionError("not noticed")
    declare(f"a page with a mistake is noticed: {name}", one)


@story
def each_block_is_run_or_says_why_not(_):
    found = [complaint for page in PAGES for complaint in unjudged(parse(page, (ROOT / page).read_text()))]
    assert not found, "; ".join(found)


@story
def a_block_that_nobody_runs_is_noticed(_):
    for text in ("```yaml\na: 1\n```", "```\ntext\n```", "```json\n{}\n```"):
        assert unjudged(parse("mistake.md", text)), text
    for text in ("```console\nno prompt\n```", "<!-- test: nonsense -->", "<!-- test: goes on -->\nText.\n", "```sh\n",
                 "<!-- test: goes on -->\n", "## One\n## One\n"):
        try:
            parse("mistake.md", text)
        except Mistaken:
            continue
        raise AssertionError(f"not noticed: {text}")


# Each for a moment, all at once: a usage that is none ends with 2, a command that is none with 127.
_MOMENT = """cd /run; jq() {{ cat > /dev/null; }}; aplay() {{ :; }}; export -f jq aplay
while IFS= read -r example; do
    (timeout 0.7 bash -o pipefail -c "$example" < /dev/null > /dev/null 2>&1; echo "$? $example") &
done <<'END'
{}
END
wait
"""


def command_of(example):
    """Without the words that explain it: behind two blanks, or behind a last word that ends a command; and without
    sudo, for who runs it has as much right here as there is."""
    words = re.split(r" {2,}", example)[0].removeprefix("sudo ")
    return re.sub(r"((?:>|\| jq) \S+) .*", r"\1", words).removesuffix(" &")


@story
def examples_of_each_help_and_of_the_manual_are_understood(town):
    host = town.host("pi")
    surroundings = {"PATH": f"{town.build}:{os.environ['PATH']}"}
    helps = [host.run(town.program(f"autobus-{tool}"), "--help").stdout for tool in TOOLS]
    texts = [re.search(r"(?ms)^Examples:\n(.*?)\n\n", text)[1] for text in helps]
    texts += [block for page in MANUALS for block in re.findall(r"(?ms)^```\n(.*?)^```", page.read_text())]
    examples = [command_of(line.strip()) for text in texts for line in text.splitlines()]
    assert len(examples) > 3 * len(TOOLS), examples
    done = host.run("bash", "-c", _MOMENT.format("\n".join(examples)), env=surroundings)
    codes = done.stdout.splitlines()
    assert len(codes) == len(examples), (examples, done)
    wrong = [code for code in codes if code.split()[0] in ("2", "127")]
    assert not wrong, wrong


@story
def whoever_else_judges_blocks_is_there(_):
    for judge in ELSEWHERE.values():
        path = re.match(r"[\w/.]+[.]\w+", judge)[0]
        assert (ROOT / path).exists(), path


for one_page in PAGES:
    declare_page(one_page)
for one_name, (one_text, one_verdict) in MISTAKES.items():
    declare_mistake(one_name, one_text, one_verdict)

if __name__ == "__main__":
    main(jobs=8)
