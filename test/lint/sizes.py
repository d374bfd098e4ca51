"""Files of at most 500 lines, functions of at most 60, public headers of at most 200."""

import ast
import re

from tree import files, finish, judge, text

FILE, FUNCTION, PUBLIC_HEADER = 500, 60, 200


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


def long_files():
    for path in files(".c", ".h", ".py", ".sh"):
        lines = text(path).count("\n")
        if lines > FILE:
            yield f"{path} has {lines} lines"


def long_headers():
    for path in files(".h", under=["include"]):
        lines = text(path).count("\n")
        if lines > PUBLIC_HEADER:
            yield f"{path} has {lines} lines"


def long_functions():
    for suffix, functions in ((".c", c_functions), (".h", c_functions), (".py", python_functions)):
        for path in files(suffix):
            for name, line, lines in functions(path):
                if lines > FUNCTION:
                    yield f"{path}:{line}: {name} has {lines} lines"


def wide_lines():
    """clang-format leaves comments alone; this does not."""
    for path in files(".c", ".h", ".py", ".sh"):
        for number, line in enumerate(text(path).splitlines(), 1):
            if len(line) > 120:
                yield f"{path}:{number} is {len(line)} columns wide"


judge(f"no file is longer than {FILE} lines", long_files())
judge(f"no public header is longer than {PUBLIC_HEADER} lines", long_headers())
judge(f"no function is longer than {FUNCTION} lines", long_functions())
judge("no line is wider than 120 columns", wide_lines())
finish()
