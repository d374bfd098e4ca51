"""A page taken apart: its sections, their fenced blocks, and the notes to the test that stand in comments.

Knows Markdown as far as our pages use it. Does not know how a block is run.
"""

import re
from dataclasses import dataclass, field

# Whoever holds the blocks of these words to what they say: another test, or test/lint/docs.py.
ELSEWHERE = {
    "c": "test/lint/docs.py: cut from an example, which is compiled and tested",
    "h": "test/lint/docs.py: made from the headers",
    "datagram": "test/unit/wire/test_document.c",
    "frame": "test/unit/wire/test_document.c",
    "connection": "test/unit/peer/test_document.c",
    "usage": "test/unit/bus/test_document.c",
}
_ONLY_IN = {"docs/protocol.md": {"json": "test/unit/wire/test_document.c"}}
_NOTE = re.compile(r"^<!-- test: (.*?)\s*-->$", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^(?:(?P<host>[a-z]+))?\$ (?P<command>.*)$")
_KINDS = re.compile(
    r"not run: (?P<reason>.+)|file (?P<file>\S+)|goes on|each goes on at (?P<at>.+)|numbers vary|on (?P<host>[a-z]+)"
    r"|output of (?P<output>.+)|do(?: on (?P<place>[a-z]+))?\n(?P<do>.*)"
    r"|(?:when (?P<when>.+?)|again and again) (?P<way>types|runs)(?: on (?P<where>[a-z]+))?: (?P<what>.+)", re.DOTALL)
_MAIN = "pi"


class Mistaken(Exception):
    """A page that cannot be read as one."""


@dataclass
class Event:
    """Something that happens while a command runs: a line is typed, or a command is run elsewhere."""

    when: str       # once this is on the screen; None: again and again, until all is as expected
    types: bool
    host: str
    what: str


@dataclass
class Step:
    """One thing to do: a command and what it prints, or a file to write."""

    line: int
    host: str
    command: str = ""
    expected: str = None        # None: whatever it prints is fine, if it succeeds
    shows: str = ""             # and in that this has to be
    goes_on: bool = False
    after: str = None           # what it prints once Ctrl-C is typed ("" may be anything); None: that is not typed
    is_asked_why: bool = False  # the next command looks at its exit code
    numbers_vary: bool = False
    events: list = field(default_factory=list)
    file: str = None
    is_hidden: bool = False


@dataclass
class Section:
    """What stands below one heading of the second level, in a world of its own."""

    page: str
    title: str
    steps: list = field(default_factory=list)
    unjudged: list = field(default_factory=list)

    @property
    def name(self):
        return f"{self.page}: {self.title}"

    @property
    def hosts(self):
        return sorted({step.host for step in self.steps})


def parse(page, text):
    """The sections of a page."""
    sections = [Section(page, "above all")]
    notes, lines, number = [], text.split("\n"), 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("## "):
            sections.append(Section(page, line[3:].strip()))
        if line.startswith("<!-- test: "):
            end = next((n for n in range(number, len(lines)) if lines[n].endswith("-->")), None)
            if end is None:
                raise Mistaken(f"{page}:{number + 1}: a comment without an end")
            notes += _noted(sections[-1], "\n".join(lines[number:end + 1]), number + 1)
            number = end
        elif line.startswith("```"):
            end = next((n for n in range(number + 1, len(lines)) if lines[n].startswith("```")), None)
            if end is None:
                raise Mistaken(f"{page}:{number + 1}: a block without an end")
            _block(sections[-1], number + 1, line[3:].strip(), lines[number + 1:end], notes)
            notes, number = [], end
        elif line.strip() and notes:
            raise Mistaken(f"{page}:{number + 1}: a note for a block, and no block behind it")
        number += 1
    titles = [section.title for section in sections]
    twice = [title for title in titles if titles.count(title) > 1]
    if notes or twice:
        raise Mistaken(f"{page}: " + (f"two sections are called '{twice[0]}'" if twice else "a note at its end"))
    return sections


def unjudged(sections):
    """The blocks that nobody holds to what they say."""
    return [complaint for section in sections for complaint in section.unjudged]


def _noted(section, comment, number):
    """A note for the next block; what is to be done before it becomes a step of its own."""
    words = _NOTE.match(comment)
    note = _KINDS.fullmatch(words.group(1)) if words else None
    if not note:
        raise Mistaken(f"{section.page}:{number}: no note that a test understands: {comment}")
    if note["do"] is None:
        return [note]
    section.steps.append(Step(number, note["place"] or _MAIN, note["do"], is_hidden=True))
    return []


def _block(section, number, word, lines, notes):
    def noted(key):
        return next((note[key] for note in notes if note[key] is not None), None)

    def says(text):
        return any(note[0] == text for note in notes)

    host = noted("host") or _MAIN
    steps = None
    if noted("reason"):
        steps = []
    elif noted("file"):
        steps = [Step(number, host, "\n".join(lines) + "\n", file=noted("file"))]
    elif noted("output"):
        steps = [Step(number, host, noted("output"), "\n".join(lines))]
    elif word == "console":
        steps = _transcript(section, number, lines, host)
    elif noted("at"):
        steps = [Step(number, host, line, shows=noted("at"), goes_on=True) for line in lines]
    elif word == "sh":
        steps = [Step(number, host, "\n".join(lines))]
    elif word in ELSEWHERE or word in _ONLY_IN.get(section.page, {}) or word == "python" and not notes:
        steps = []
    if steps is None:
        section.unjudged.append(f"{section.page}:{number}: a block of {word or 'nothing'} that nobody runs")
        return
    for step in steps:
        step.numbers_vary = says("numbers vary")
    if steps:
        steps[-1].goes_on = steps[-1].goes_on or says("goes on")
    for note in notes:
        if note["what"]:
            _when(steps, note["when"]).events.append(
                Event(note["when"], note["way"] == "types", note["where"] or host, note["what"]))
    section.steps += steps


def _when(steps, text):
    """Which step it belongs to: the first that prints this, else the last."""
    return next((step for step in steps if text and text in (step.expected or "")), steps[-1])


def _transcript(section, number, lines, host):
    steps = []
    for offset, line in enumerate(lines, number + 1):
        prompt = _PROMPT.match(line)
        if steps and steps[-1].expected == [] and steps[-1].command.endswith("\\"):
            steps[-1].command += "\n" + line.removeprefix("> ")
        elif prompt:
            steps.append(Step(offset, prompt["host"] or host, prompt["command"], []))
        elif not steps:
            raise Mistaken(f"{section.page}:{offset}: a transcript begins with a command")
        elif steps[-1].after is not None:
            steps[-1].after += "\n" + line
        elif line.startswith("^C"):
            steps[-1].after = line[2:]
        else:
            steps[-1].expected.append(line)
    for step, after in zip(steps, [*steps[1:], None]):
        step.expected = "\n".join(step.expected)
        step.is_asked_why = after is not None and "$?" in after.command
    return steps
