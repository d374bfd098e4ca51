"""No test sleeps for luck: it waits for a condition, with a bound. Only a function that does just that, and says
`until` in its name, may sleep between two looks."""

import re

from tree import c_functions, files, finish, judge, python_functions, text

_SLEEP = re.compile(r"\b(u?sleep|nanosleep|clock_nanosleep|thrd_sleep)\s*\(|\btime\.sleep\b|^\s*sleep\s")
_GIVES_WAY = "asyncio.sleep(0)"  # lets the loop go on, and comes back at once
_OURSELVES = ("lint", "runner")  # they name what they look for


def lines_that_wait(path):
    """The numbers of the lines in functions that wait until something holds."""
    functions = c_functions(path) if path.suffix in (".c", ".h") else python_functions(path)
    return {line for name, first, length in functions if "until" in name for line in range(first, first + length)}


def sleeping():
    for path in files(".c", ".h", ".py", ".sh", under=["test"]):
        allowed = set() if path.suffix == ".sh" else lines_that_wait(path)
        for number, line in enumerate(text(path).splitlines(), 1):
            if (_SLEEP.search(line.replace(_GIVES_WAY, "")) and number not in allowed
                    and path.parts[1] not in _OURSELVES):
                yield f"{path}:{number}: {line.strip()}"


judge("no test sleeps", sleeping())
finish()
