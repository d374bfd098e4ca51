#!/usr/bin/env python3
"""What is in the Debian packages: each has its files and no others, depends on what it needs, and says what it is.

Their folder is given in place of a build.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from stage import hold, main, test  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TOOLS = sorted(path.parent.name for path in (ROOT / "busd-less-tools").glob("*/main.c") if path.parent.name != "front")
LIB = r"usr/lib/[\w-]+-linux-gnu/"
PYTHON = r"usr/lib/python3/dist-packages/autobus/"
COMMANDS = "|".join(("autobus", *(f"autobus-{tool}" for tool in TOOLS)))
# Of each package all the files that it may have; and at least one of each kind has to be there.
FILES = {
    "libautobus0": (LIB + r"libautobus\.so\.0", LIB + r"libautobus\.so\.0\.[\d.]+"),
    "libautobus-dev": (LIB + r"libautobus\.so", LIB + r"pkgconfig/autobus\.pc", LIB + r"cmake/Autobus/\w+[\w-]*\.cmake",
                       r"usr/include/autobus/\w+\.h", r"usr/share/man/man3/autobus\.3\.gz",
                       r"usr/share/doc/autobus/(?:using|protocol)\.md",
                       r"usr/share/doc/autobus/(?:threads|reference)\.md"),
    "autobus-tools": (rf"usr/bin/(?:{COMMANDS})", rf"usr/share/man/man1/(?:{COMMANDS})\.1\.gz",
                      r"usr/share/man/man7/autobus(?:-protocol)?\.7\.gz", r"usr/share/autobus/complete\.sh",
                      r"usr/share/autobus/autobus\.lua",
                      rf"usr/share/bash-completion/completions/(?:{COMMANDS})",
                      rf"usr/share/fish/vendor_completions\.d/(?:{COMMANDS})\.fish",
                      r"usr/share/zsh/vendor-completions/_autobus", r"usr/lib/systemd/system/autobus-publish@\.service",
                      r"usr/share/doc/autobus/(?:tools|recordings|discovery)\.md",
                      r"usr/share/doc/autobus/(?:tutorial|cookbook|concepts|coming-from|errors|limits|networks)\.md",
                      r"usr/share/doc/autobus/pictures/architecture\.svg"),
    "python3-autobus": (PYTHON + r"\w+\.py", PYTHON + r"py\.typed"),
}
NEEDS = {
    "libautobus0": {"libc6", "libevent-core-2.1-7", "libjson-c5"},
    "libautobus-dev": {"libautobus0", "libjson-c-dev"},
    "autobus-tools": {"libautobus0", "libc6", "libedit2", "libjson-c5", "libzstd1"},
    "python3-autobus": {"libautobus0", "python3"},
}


def package(stage, name):
    found = list(stage.build.glob(f"{name}_*.deb"))
    hold(len(found) == 1, f"in {stage.build} there is not one {name}:", found)
    return found[0]


def told(*argv):
    return subprocess.run(["dpkg-deb", *argv], capture_output=True, text=True, check=True, timeout=60).stdout


def field(stage, name, which):
    return told("--field", package(stage, name), which).strip()


@test
def there_are_no_other_packages(stage):
    hold({path.name.split("_")[0] for path in stage.build.glob("*.deb")} == set(FILES), list(stage.build.glob("*.deb")))


@test
def each_has_its_files_and_no_others(stage):
    for name, patterns in FILES.items():
        files = [line.split(" ./")[1].split(" -> ")[0] for line in told("--contents", package(stage, name)).splitlines()
                 if not line.startswith("d")]
        for pattern in (*patterns, rf"usr/share/doc/{name}/copyright"):
            fits = {file for file in files if re.fullmatch(pattern, file)}
            hold(fits, name, "has nothing like", pattern)
            missing = [one for one in COMMANDS.split("|") if COMMANDS in pattern
                       and not any(re.fullmatch(pattern.replace(COMMANDS, one), file) for file in fits)]
            hold(not missing, name, "lacks of", pattern, missing)
            files = [file for file in files if file not in fits]
        hold(not files, name, "has more:", files)


@test
def each_depends_on_what_it_needs(stage):
    for name, needs in NEEDS.items():
        depends = field(stage, name, "Depends")
        hold({one.split()[0] for one in depends.split(", ")} == needs, name, "depends on", depends)
    same = f"libautobus0 (= {field(stage, 'libautobus0', 'Version')})"
    for name in ("libautobus-dev", "autobus-tools"):
        hold(same in field(stage, name, "Depends"), name, "takes any library")


@test
def each_says_what_it_is(stage):
    for name in FILES:
        first, *rest = field(stage, name, "Description").splitlines()
        hold(first.startswith("service bus without a server: ") and len(first) <= 80 and rest, name, first)
        hold(field(stage, name, "Section") and "@" in field(stage, name, "Maintainer"), name)
    hold(field(stage, "python3-autobus", "Architecture") == "all", "Python is the same everywhere")


@test
def no_file_is_one_that_somebody_configures(stage):
    for name in FILES:
        hold("conffiles" not in told("--info", package(stage, name)), name)


if __name__ == "__main__":
    main()
