"""What the docs promise: the README begins with the two set-up commands, each alone in its block; C in the docs is
cut from the examples, which are compiled and tested; links lead somewhere."""

import re

from tree import ROOT, everything, files, finish, judge, text

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_SET_UP = [("sh", "sh examples/quickstart.sh\n"), ("sh", "sh test/run.sh\n")]


def pages():
    return [path for path in everything() if path.suffix == ".md"]


def commands():
    if not (ROOT / "README.md").exists():
        return ["there is no README.md"]
    blocks = _BLOCK.findall(text("README.md"))[:2]
    return [] if blocks == _SET_UP else [f"the first two blocks are {blocks}"]


def squeezed(source):
    return re.sub(r"\s+", " ", source).strip()


def invented_code():
    """Layout aside, a block is a piece of one example."""
    examples = [squeezed(text(path)) for path in files(".c", under=["examples"])]
    for page in pages():
        for language, block in _BLOCK.findall(text(page)):
            if language == "c" and not any(squeezed(block) in example for example in examples):
                yield f"{page}: {block.strip().splitlines()[0]}"


def dead_links():
    for page in pages():
        for target in _LINK.findall(text(page)):
            if not (ROOT / page.parent / target).exists():
                yield f"{page}: {target}"


judge("the first two blocks of the README are the two set-up commands", commands())
judge("C in the docs is cut from an example", invented_code())
judge("links in the docs lead somewhere", dead_links())
finish()
