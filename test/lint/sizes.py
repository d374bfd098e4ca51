"""Files of at most 500 lines, functions of at most 60, public headers of at most 200."""

from tree import c_functions, files, finish, judge, python_functions, text

FILE, FUNCTION, PUBLIC_HEADER = 500, 60, 200
SHARE = 0.8


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


def untested_source():
    """Lines of tests for each line of what they test; the machinery that runs them counts for neither."""
    def lines(paths):
        return sum(text(path).count("\n") for path in paths)

    source = lines(files(".c", ".h", under=["include", "libautobus", "busd-less-tools"]))
    tests = lines(path for path in files(".c", ".h", ".py", under=["test"]) if path.parts[1] not in ("lint", "runner"))
    if tests < SHARE * source:
        yield f"{tests} lines of tests for {source} lines of source"


def wide_lines():
    """clang-format leaves comments alone; this does not."""
    for path in files(".c", ".h", ".py", ".sh"):
        for number, line in enumerate(text(path).splitlines(), 1):
            if len(line) > 120:
                yield f"{path}:{number} is {len(line)} columns wide"


judge(f"no file is longer than {FILE} lines", long_files())
judge(f"no public header is longer than {PUBLIC_HEADER} lines", long_headers())
judge(f"no function is longer than {FUNCTION} lines", long_functions())
judge(f"there are at least {SHARE} lines of tests for each line of source", untested_source())
judge("no line is wider than 120 columns", wide_lines())
finish()
