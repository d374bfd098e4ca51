#!/usr/bin/env python3
"""Writes docs/reference.md from the comments of include/autobus/*.h: each declaration once, with what its header says.

    python3 docs/make/reference.py            writes it
    python3 docs/make/reference.py --check    is content if it is what it would write

Knows how our headers are laid out (clang-format sees to that). Does not know C.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference.md"
# In the order in which one meets them.
ORDER = ("result", "options", "bus", "service", "function", "filter", "sighting", "listener", "remote", "message",
         "call", "watch", "channel", "raw")
_NOISE = re.compile(r"^(#.*|extern \"C\" \{|\}|)$")
_START = """# Reference

All of the C API, made from the headers by `docs/make/reference.py`; what is wrong here is wrong there.
`#include <autobus/autobus.h>` has everything but [raw.h](#rawh). How it goes together is told in [using.md](using.md),
owners and threads in [threads.md](threads.md), results in [errors.md](errors.md).

| header | |
|---|---|
"""


def opening(text):
    """What a header says of itself, below its licence."""
    comment = re.match(r"/\* SPDX-License-Identifier: MIT\n(.*?)\*/", text, re.DOTALL)[1]
    return "\n".join(re.sub(r"^ \* ?", "", line) for line in comment.rstrip().splitlines())


def said(comment):
    """The text of a comment."""
    inner = re.sub(r"^/\*+<?\s?|\s?\*/$", "", comment.strip())
    lines = [re.sub(r"^ \* ?", "", line) for line in inner.splitlines()]
    return escaped("\n".join(line.rstrip() for line in lines).strip())


def escaped(text):
    """Safe in Markdown: what is JSON keeps its shape, and nothing is taken for markup."""
    out, is_code = [], False
    for line in text.splitlines():
        was_code, is_code = is_code, line.startswith("  ")
        if was_code != is_code:
            out.append("")
        out.append("  " + line if is_code else re.sub(r"([*<|])", r"\\\1", line.strip()))
    return "\n".join(out)


def parts(text):
    """(comment, declaration) in order: of a comment alone the declaration is empty, and the other way round."""
    body = text.split("#define AUTOBUS_", 1)[1].split("\n", 1)[1]
    lines = body.splitlines()
    comment, number = "", 0
    while number < len(lines):
        line = lines[number]
        if _NOISE.match(line):
            if comment and not line:
                yield comment, ""
                comment = ""
        elif line.startswith("/*"):
            if comment:
                yield comment, ""
            comment, number = until(lines, number, lambda text: text.endswith("*/"))
        else:
            declaration, number = until(lines, number, is_declared)
            yield comment, declaration
            comment = ""
        number += 1
    if comment:
        yield comment, ""


def is_declared(text):
    """Whether these lines are a whole declaration."""
    last = re.sub(r"/\*.*?\*/", "", text.splitlines()[-1]).rstrip()
    return last.startswith("}") and last.endswith(";") if "{" in text else last.endswith(";")


def until(lines, number, is_whole):
    """The lines from there on that are one thing, and the number of the last."""
    first = number
    while not is_whole("\n".join(lines[first:number + 1])):
        number += 1
    return "\n".join(lines[first:number + 1]), number


def names(declaration):
    """What a declaration declares."""
    head = re.sub(r"/\*.*?\*/", "", declaration, flags=re.DOTALL)
    if "{" in head:
        return head.rpartition("}")[2].strip(" ;\n") or re.search(r"\{\s*(\w+)", head)[1]
    return (re.search(r"(autobus_\w+)\(", head) or re.search(r"(\w+);", head))[1]


def section(name):
    """The part of the page about one header. What has no comment of its own stands with what is before it."""
    text = (ROOT / f"include/autobus/{name}.h").read_text(encoding="utf-8")
    entries = [("", "", escaped(opening(text)))]  # (title, declarations, words)
    for comment, declaration in parts(text):
        title, block, words = entries[-1]
        if not declaration:
            entries.append(("", "", said(comment)))
        elif not comment and block and words:
            entries.append((names(declaration), declaration, ""))
        elif not comment and block:
            entries[-1] = (title, f"{block}\n{declaration}", words)
        elif block and not words and block.startswith("typedef struct") and block.count("\n") == 0:
            entries[-1] = (title, f"{block}\n{declaration}", said(comment))
        else:
            entries.append((names(declaration), declaration, said(comment) if comment else ""))
    return f"## {name}.h\n\n" + "\n".join(entry(*one) for one in entries)


def entry(title, block, words):
    """One heading, its declarations, and what is said of them."""
    head = f"### {title}\n\n```h\n{block}\n```\n" if block else ""
    return head + ("\n" if head and words else "") + (words + "\n" if words else "")


def first_sentence(name):
    """What a header is, in short."""
    text = opening((ROOT / f"include/autobus/{name}.h").read_text(encoding="utf-8"))
    return escaped(re.split(r"[.;]\s", " ".join(text.split()) + " ")[0])


def page():
    """The whole reference."""
    table = "".join(f"| [{name}.h](#{name}h) | {first_sentence(name)} |\n" for name in ORDER)
    return _START + table + "\n" + "\n".join(section(name) for name in ORDER)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        is_fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        sys.exit(0 if is_fresh else "write docs/reference.md again: python3 docs/make/reference.py")
    PAGE.write_text(page(), encoding="utf-8")
