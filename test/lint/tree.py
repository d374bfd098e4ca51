"""What the lints share: the files of the source tree, and how a verdict is told."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
BUILD = Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build/debug").resolve()

_OURS = ("include", "libautobus", "busd-less-tools", "bindings", "examples", "packages", "test", "docs", ".ci")
_verdicts = []


def files(*suffixes, under=_OURS):
    """Every file of ours with one of these endings, as a path relative to the root; corpora excepted."""
    for folder in under:
        for path in sorted((ROOT / folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and path.suffix in suffixes and not {"corpus", "__pycache__"} & set(relative.parts):
                yield relative


def everything():
    """Every text file of ours, those at the root too."""
    suffixes = (".c", ".h", ".py", ".sh", ".md", ".txt", ".in", ".map", ".json", ".cmake",
                ".scd", ".awk", ".zsh", "")
    yield from (path.relative_to(ROOT) for path in sorted(ROOT.iterdir()) if path.is_file())
    yield from files(*suffixes)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def c_functions(path):
    """(name, first line, lines) of each function; clang-format puts its braces at the line's start."""
    lines = text(path).splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
            while start > 0 and lines[start - 1].strip() and not lines[start - 1].startswith(("}", "/", " *", "#")):
                start -= 1
        elif line == "}" and start is not None:
            match = re.search(r"(\w+)\s*\(", lines[start])
            yield match.group(1) if match else lines[start], start + 1, number - start + 1
            start = None


def python_functions(path):
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def judge(name, complaints):
    """One rule: it holds, or here is where it does not."""
    complaints = list(complaints)
    for complaint in complaints:
        print(f"    {complaint}")
    if complaints:
        more = f" and {len(complaints) - 1} more" if len(complaints) > 1 else ""
        print(f"not ok {name}: {complaints[0]}{more}")
    else:
        print(f"ok {name}")
    _verdicts.append(bool(complaints))


def output_of(*argv):
    """What a program says on both outputs, and whether it was content."""
    done = subprocess.run([str(word) for word in argv], cwd=ROOT, text=True, errors="replace", check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout, done.returncode == 0


def finish():
    sys.exit(any(_verdicts))
