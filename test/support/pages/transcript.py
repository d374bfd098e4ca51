"""What a page says is printed, against what was printed.

What no run has again is told apart by how it is written: service and bus ids, ports of the range that systems give out,
times of day. The id of a page stands for one id of the run, in commands too. An ellipsis is some text, or alone on its
line some lines. Everything else has to be the same.
"""

import re

_VARYING = re.compile(r"(?P<id>\b[0-9a-f]{16}\b)|(?P<port>\b(?:3[2-9]|4\d|5\d|60)\d{3}\b)"
                      r"|(?P<day>\b20\d\d-\d\d-\d\d(?!\d))|(?P<time>(?<!\d)\d\d:\d\d(?::\d\d)?(?!\d))|(?P<rest>…)")
_SHAPES = {"id": "[0-9a-f]{16}", "port": r"\d{4,5}", "day": r"20\d\d-\d\d-\d\d"}
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_DRAWN_OVER = re.compile(r"[^\n]*\r(?!\n)")


def cleaned(output):
    """What is left of the output of a terminal on paper."""
    lines = _DRAWN_OVER.sub("", re.sub(r"\r+\n", "\n", _ESCAPES.sub("", output))).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


class Transcript:
    """The names that the ids and ports of a page have in this run."""

    def __init__(self):
        self._names = {}

    def command(self, text):
        """A command of the page as it is typed in this run."""
        for name, real in self._names.items():
            text = re.sub(rf"\b{name}\b", real, text)
        return text

    def fits(self, expected, output, numbers_vary=False):
        """Whether that is what the page promises; if so, what it calls by new names is known from here on."""
        groups = {}
        pattern = self._pattern("\n".join(line.rstrip() for line in expected.split("\n")).strip("\n"), groups)
        if numbers_vary:
            pattern = re.sub(r"\d+(?:(?:,|\\\.)\d+)*", r"[\\d,.]+", re.sub(r"(?:\\ )+", " +", pattern))
        match = re.fullmatch(pattern, cleaned(output))
        if not match:
            return False
        found = {name: match[group] for name, group in groups.items()}
        if len(set(found.values()) | set(self._names.values())) < len(found) + len(self._names):
            return False  # two names of the page for one thing
        self._names |= found
        return True

    def _pattern(self, expected, groups):
        parts, at = [], 0
        for match in _VARYING.finditer(expected):
            parts += [re.escape(expected[at:match.start()]), self._varying(match, expected, groups)]
            at = match.end()
        pattern = "".join(parts) + re.escape(expected[at:])
        return re.sub(r"(^|\\\n)\x00(?=\\\n|$)", r"\1[\\s\\S]*?", pattern).replace("\x00", ".*")

    def _varying(self, match, expected, groups):
        kind, text = match.lastgroup, match[0]
        if kind == "rest":
            return "\x00"
        if kind == "time":
            return re.sub(r"\d", r"\\d", text)
        if kind == "day":
            return _SHAPES[kind]
        if text in self._names:
            return re.escape(self._names[text])
        if text in groups:
            return f"(?P={groups[text]})"
        groups[text] = f"name{len(groups)}"
        return f"(?P<{groups[text]}>{_SHAPES[kind]})"
