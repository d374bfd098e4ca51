"""The README begins with the two commands that do all the set-up, each alone in its block; every example has a
test; every script can be read by its interpreter."""

import ast
import re

from tree import ROOT, files, finish, judge, output_of, text


def commands():
    readme = ROOT / "README.md"
    if not readme.exists():
        return ["there is no README.md"]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    wanted = [("sh", "sh examples/quickstart.sh\n"), ("sh", "sh test/run.sh\n")]
    return [] if blocks[:2] == wanted else [f"the first two blocks are {blocks[:2]}"]


def untested_examples():
    for path in files(".c", under=["examples"]):
        if not (ROOT / "test/examples" / f"{path.stem}.py").exists():
            yield f"{path} has no test/examples/{path.stem}.py"


def broken_scripts():
    for path in [*files(".sh"), *files("", under=[".ci"])]:
        said, fine = output_of("sh", "-n", path)
        if not fine:
            yield f"{path}: {said}"
    for path in files(".py"):
        try:
            ast.parse(text(path))
        except SyntaxError as problem:
            yield f"{path}: {problem}"


judge("the first two blocks of the README are the two set-up commands", commands())
judge("every example has a test", untested_examples())
judge("every script can be parsed", broken_scripts())
finish()
