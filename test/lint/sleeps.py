"""No test sleeps for luck: it waits for a condition, with a bound."""

import re

from tree import files, finish, judge, text

_SLEEP = re.compile(r"\b(u?sleep|nanosleep|clock_nanosleep|thrd_sleep)\s*\(|\btime\.sleep\b|^\s*sleep\s", re.MULTILINE)


def sleeping():
    for path in files(".c", ".h", ".py", ".sh", under=["test"]):
        for number, line in enumerate(text(path).splitlines(), 1):
            if _SLEEP.search(line) and path.parts[1] != "lint":
                yield f"{path}:{number}: {line.strip()}"


judge("no test sleeps", sleeping())
finish()
