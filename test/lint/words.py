"""Names and words: what a file may be called, how it opens, and what it must not mention."""

import re

from tree import everything, files, finish, judge, text

_VAGUE = re.compile(r"^(utils?|misc|common|helpers?)\b")
_LATER = re.compile(r"\b(T" r"ODO|X" r"XX|F" r"IXME)\b")
# What a Linux system has at its root, as far as we speak of it.
_SYSTEM = {"bin", "dev", "etc", "lib", "mnt", "proc", "run", "sbin", "srv", "sys", "tmp", "usr", "var", "nonexistent"}
_PATH = re.compile(r"(?<![\w.${}()<>*\]/:~\\\"'`-])/([a-z]+)/[a-z]|(?<=[\s(=,\[][\"'`])/([a-z]+)/[a-z]")
_HOSTS = {"creativecommons.org", "example.com", "example.org", "keepachangelog.com", "llvm.org", "semver.org",
          "spdx.org", "www.rfc-editor.org", "json-c.github.io", "libevent.org", "www.avahi.org", "avahi.org",
          "www.freedesktop.org", "www.w3.org"}
_URL = re.compile(r"https?://([\w.-]+\w)")


def lines(paths):
    for path in paths:
        for number, line in enumerate(text(path).splitlines(), 1):
            yield path, number, line


def vague_names():
    return [f"{path}" for path in everything() if any(_VAGUE.match(part) for part in path.parts)]


def postponed_work():
    return [f"{path}:{number}" for path, number, line in lines(everything()) if _LATER.search(line)]


def unopened_files():
    """The first lines say what a file knows."""
    for path in files(".c", ".h"):
        if not re.match(r"/\*+ SPDX-License-Identifier: MIT\n \* \S", text(path)):
            yield f"{path} does not open with its licence and what it knows"
    for path in files(".py"):
        if text(path).strip() and not re.match(r'(#!.*\n)?(# .*\n)*"""\S', text(path)):
            yield f"{path} does not open with what it knows"


def foreign_places():
    """Paths of one particular machine, and hosts that a reader need not know."""
    for path, number, line in lines(everything()):
        for match in _PATH.finditer(line):
            if (match.group(1) or match.group(2)) not in _SYSTEM:
                yield f"{path}:{number}: {match.group(0)}"
        for host in _URL.findall(line):
            if host not in _HOSTS:
                yield f"{path}:{number}: {host}"


judge("no file has a name that fits everything", vague_names())
judge("nothing is left for later in a comment", postponed_work())
judge("each file opens with what it knows", unopened_files())
judge("nothing names a place that is not everybody's", foreign_places())
finish()
