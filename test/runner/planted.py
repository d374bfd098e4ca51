"""Plants a mistake of each kind and sees that the checks notice it: a check that never fails checks nothing.

Knows what each lint and each sanitizer is for. Runs them as the other parts do, over trees and programs made here.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from job import Job, end_strays, run
from place import fixed_addresses
from tally import Tally

_LONG = "void f(void);\nvoid f(void)\n{\n" + "    f();\n" * 58 + "}\n"
_LATER = "TO" + "DO"
_OUTSIDE = "/" + "home/somebody/x"

# (lint, a rule of it in its own words, the file that breaks it, what is in it)
_MISTAKES = (
    ("layers", "only lower layers", "libautobus/base/up.c", '#include "value/json.h"\n'),
    ("layers", "only lower layers", "libautobus/wire/beside.c", '#include "loop/loop.h"\n'),
    ("layers", "only lower layers", "libautobus/net/event.c", "#include <event2/event.h>\n"),
    ("layers", "public header includes", "include/autobus/x.h", "#include <sys/socket.h>\n"),
    ("layers", "tools and examples", "examples/x.c", '#include "base/list.h"\n'),
    ("sizes", "no file is longer", "libautobus/base/long.c", "int x;\n" * 501),
    ("sizes", "no public header is longer", "include/autobus/long.h", "extern int x;\n" * 201),
    ("sizes", "no function is longer", "libautobus/base/long.c", _LONG),
    ("words", "a name that fits everything", "libautobus/base/util.c", ""),
    ("words", "left for later", "libautobus/base/x.c", f"/* {_LATER}: more */\n"),
    ("words", "opens with what it knows", "libautobus/base/x.c", "int x;\n"),
    ("words", "a place that is not everybody's", "docs/x.md", f"Look into {_OUTSIDE}.\n"),
    ("docs", "links in the docs", "docs/x.md", "[there](nowhere.md)\n"),
    ("sleeps", "no test sleeps", "test/unit/base/test_x.c", "void f(void) { usleep(1000); }\n"),
    ("format", "laid out", "libautobus/base/x.c", "int  x;\n"),
    ("headers", "public header compiles alone as C11", "include/autobus/x.h", "size_t f(void);\n"),
    ("headers", "public header compiles alone as C++17", "include/autobus/x.h", "int f(int new);\n"),
    ("headers", "inside compiles alone", "libautobus/base/x.h", "size_t f(void);\n"),
    ("symbols", "version script lists", "include/autobus/x.h", "int autobus_x(void);\n"),
    ("symbols", "library exports", "include/autobus/x.h", "int autobus_stray(void);\n"),
    ("symbols", "every symbol has the version", "include/autobus/x.h", ""),
    ("tidy", "clang-tidy finds nothing", "libautobus/base/x.c", "int f(void) { int *x = 0; return *x; }\n"),
    ("docs", "first two blocks", "README.md", "```sh\nmake\n```\n"),
    ("docs", "cut from an example", "docs/x.md", "```c\nint main(void);\n```\n"),
    ("docs", "links in the docs", "docs/x.md", "# A b\n\n[there](#c)\n"),
    ("docs", "Python in the docs", "docs/x.md", "```python\nprint()\n```\n"),
    ("docs", "in the index", "docs/x.md", ""),
    ("docs", "made from the source", "docs/make/x.py", "raise SystemExit('again')\n"),
    ("docs", "numbers in the docs", "docs/errors.md", "| 1 | AUTOBUS_OK | | |\n"),
    ("docs", "numbers in the docs", "docs/limits.md", "| workers | 5 | AUTOBUS_WORKERS |\n"),
    ("programs", "every example has a test", "examples/x.c", ""),
)

_TEST_FILE = """#include <criterion/criterion.h>
#include <pthread.h>
static int shared;
static void *bump(void *p) { for (int i = 0; i < 1000; i++) shared++; return p; }
Test(plant, races) { pthread_t t; pthread_create(&t, 0, bump, 0); bump(0); pthread_join(t, 0); }
Test(plant, leaks) { void *volatile p = malloc(100); p = 0; (void)p; }
Test(plant, fails) { cr_assert_eq(1, 2, "one is %d", 1); }
Test(plant, holds) { cr_assert_str_eq("a", "a"); }
"""


def _grow(root, tree, path):
    """The least that the lints need beside the plant."""
    for name in (".clang-format", ".clang-tidy", "test/.clang-tidy", "libautobus/layers.txt"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tree / name)
    (tree / "libautobus/autobus.map").write_text("{ global: autobus_known; local: *; };", encoding="utf-8")
    source = tree / "stray.c"
    source.write_text("int autobus_stray(void) { return 0; }\n", encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", tree / "libautobus/libautobus.so", source], check=True)
    commands = [{"directory": str(tree), "file": str(tree / path), "command": f"clang -c {tree / path}"}]
    (tree / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")


def _notices(root, mistake, tally):
    lint, rule, path, content = mistake
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve()
        _grow(root, tree, path)
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(content, encoding="utf-8")
        said = subprocess.run([sys.executable, root / f"test/lint/{lint}.py", tree, tree], capture_output=True,
                              text=True, check=False)
    judged = [line for line in said.stdout.splitlines() if line.startswith("not ok") and rule in line]
    name = f"lint {lint} notices a mistake about '{rule}'"
    _expect(bool(judged) and said.returncode != 0, name, said.stdout + said.stderr, tally)


def _expect(holds, name, why, tally):
    if holds:
        tally.passed += 1
    else:
        tally.fail(name, why)


def _judges_programs(folder, tally):
    """What the end of a program means to the runner."""
    shell = Job("plant", ["sh", "-c", ""], timeout=1)
    for script, passed, failed, skipped in (
            ("echo ok one; echo not ok two: why; exit 1", 1, 1, 0),
            ("echo ok one; exit 3", 1, 1, 0),
            ("echo ok one; kill -9 $$", 1, 1, 0),
            ("echo ok one; echo 'SUMMARY: TestSanitizer: x'", 1, 1, 0),
            ("exit 0", 0, 1, 0),
            ("read x < /dev/zero", 0, 1, 0),
            ("echo 'skip one: why'", 0, 0, 1),
            ("echo no reason; exit 77", 0, 0, 1),
            ("echo 'SUMMARY: libFuzzer: deadly signal'; echo why; exit 77", 0, 1, 0)):
        seen, _, _ = run(replace(shell, argv=["sh", "-c", script]), folder)
        counts = (seen.passed, len(seen.failed), len(seen.skipped))
        _expect(counts == (passed, failed, skipped), f"the runner judges: {script}", f"as {counts}", tally)
    run(replace(shell, argv=["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo ok"]), folder)
    _expect(bool(end_strays()), "the runner ends what was left running", "it did not", tally)


def _judges_tests(root, folder, sanitizers, tally):
    """A race, a leak and a plain mistake in tests that otherwise pass."""
    source = folder / "test_plant.c"
    source.write_text(_TEST_FILE, encoding="utf-8")
    stand_in = root / "test/support/criterion"
    for flags, words, tap in (((), (), True),
                              (("-fsanitize=address,undefined",), ("AddressSanitizer", "plant::leaks"), True),
                              (("-fsanitize=thread", f"-isystem{stand_in}", stand_in / "main.c"),
                               ("ThreadSanitizer: data race",), False)):
        program = folder / "test-plant"
        libraries = ["-lcriterion"] if tap else []
        subprocess.run(["clang", "-g", *flags, source, "-o", program, *libraries], check=True)
        seen, _, _ = run(Job("plant", [*fixed_addresses(), program], env=sanitizers, tap=tap), folder)
        told = " ".join(seen.failures())
        _expect(all(word in told for word in ("plant::fails", *words)) and seen.passed,
                f"the runner notices planted mistakes {' '.join(words)}", told, tally)


def mistakes(root, folder, sanitizers):
    """Plant them all; a Tally of those that were noticed."""
    tally = Tally()
    folder.mkdir(parents=True, exist_ok=True)
    for mistake in _MISTAKES:
        _notices(root, mistake, tally)
    _judges_programs(folder, tally)
    _judges_tests(root, folder, sanitizers, tally)
    return tally
