"""What the docs promise: the README begins with the two set-up commands, each alone in its block; C in the docs is
cut from the examples, which are compiled and tested, and Python from theirs; links lead somewhere; the index has every
page; what is made from the source is made from this one, and the numbers that are told are those of the headers.
What the blocks say is test/tools/documents.py's to judge."""

import re

import sys

from tree import ROOT, everything, files, finish, judge, output_of, text

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_NOTED_BLOCK = re.compile(r"(^<!-- test: [^>]*-->\n)?^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")
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


def invented_code(language, suffix, folders):
    """Layout aside, a block is a piece of one example; a note to the test in front of one says what else it is."""
    examples = [squeezed(text(path)) for path in files(suffix, under=folders)]
    for page in pages():
        for note, word, block in _NOTED_BLOCK.findall(text(page)):
            if word == language and not note and not any(squeezed(block) in example for example in examples):
                yield f"{page}: {block.strip().splitlines()[0]}"


def dead_links():
    for page in pages():
        for target in _LINK.findall(text(page)):
            if not (ROOT / page.parent / target).exists():
                yield f"{page}: {target}"
        for target, anchor in _ANCHOR.findall(text(page)):
            path = (ROOT / page.parent / target if target else ROOT / page).resolve()
            if path.suffix == ".md" and path.exists() and anchor not in anchors(path.relative_to(ROOT)):
                yield f"{page}: {target}#{anchor}"


def anchors(page):
    """What the headings of a page are called in links."""
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def there(path):
    """The text of a page; nothing if there is none."""
    return text(path) if (ROOT / path).exists() else ""


def missing_in_index():
    """Pages that the index of the documentation does not lead to."""
    linked = set(_LINK.findall(there("docs/README.md")))
    for page in files(".md", under=["docs"]):
        name = str(page.relative_to("docs"))
        if name != "README.md" and name not in linked and f"{name.split('/')[0]}/" not in linked:
            yield f"{page}"


def stale():
    """Pages and pictures that a script makes."""
    for script in files(".py", under=["docs/make"]):
        said, fine = output_of(sys.executable, ROOT / script, "--check")
        if not fine:
            yield f"{script}: {said.strip()}"


def wrong_numbers():
    """Results and defaults that a page tells otherwise than the headers."""
    results = re.findall(r"(AUTOBUS_\w+) = (\d+)", there("include/autobus/result.h"))
    told = re.findall(r"^\| (\d+) \| (AUTOBUS_\w+) \|", there("docs/errors.md"), re.MULTILINE)
    yield from (f"docs/errors.md: {name}" for name, _ in {*results} ^ {(name, number) for number, name in told})
    options = there("include/autobus/options.h").replace("\n", " ")
    for number, name in re.findall(r"\| ([\d,]+) \| (AUTOBUS_\w+) \|", there("docs/limits.md")):
        before = rf"/\*\* (?:(?!\*/).)*\[(\d+)\](?:(?!\*/).)*\*/ +{name},"
        default = re.search(rf"{before}|{name}, +/\*\*<[^*]*\[(\d+)\]", options)
        if not default or (default[1] or default[2]) != number.replace(",", ""):
            yield f"docs/limits.md: {name} is not {number}"


judge("the first two blocks of the README are the two set-up commands", commands())
judge("C in the docs is cut from an example", invented_code("c", ".c", ["examples"]))
judge("Python in the docs is cut from an example", invented_code("python", ".py", ["bindings"]))
judge("links in the docs lead somewhere", dead_links())
judge("every page is in the index", missing_in_index())
judge("what is made from the source is up to date", stale())
judge("numbers in the docs are those of the headers", wrong_numbers())
finish()
