"""Every example has a test, and every script can be read by its interpreter."""

import ast

from tree import ROOT, files, finish, judge, output_of, text


def untested_examples():
    for path in files(".c", under=["examples"]):
        tests = (ROOT / "test/examples").glob(f"{path.stem[:2]}-*.py")  # two programs of one number belong together
        if not any(f'"{path.stem}"' in test.read_text(encoding="utf-8") for test in tests):
            yield f"{path} is started by no test/examples/{path.stem[:2]}-*.py"


def broken_scripts():
    for path in [*files(".sh"), *files("", under=[".ci", "packages"])]:
        said, fine = output_of("sh", "-n", path)
        if not fine:
            yield f"{path}: {said}"
    for path in files(".py"):
        try:
            ast.parse(text(path))
        except SyntaxError as problem:
            yield f"{path}: {problem}"


judge("every example has a test", untested_examples())
judge("every script can be parsed", broken_scripts())
finish()
