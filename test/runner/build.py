"""Builds the tree in one of its variants: a preset with a compiler.

Knows cmake. A variant is built once a run, by the first part that needs it.
"""

import os
from dataclasses import dataclass, field

from job import Job, run_all
from tally import Tally


@dataclass
class Variant:
    """One way to build everything."""

    name: str
    preset: str
    compiler: str
    options: dict = field(default_factory=dict)

    @property
    def is_sanitized(self):
        return self.preset in ("asan", "tsan")


VARIANTS = {one.name: one for one in (
    Variant("gcc-debug", "debug", "gcc"),
    Variant("gcc-release", "release", "gcc"),
    Variant("gcc-asan", "asan", "gcc", {"AUTOBUS_FUZZERS": "OFF"}),
    Variant("gcc-tsan", "tsan", "gcc"),
    Variant("gcc-no-avahi", "debug", "gcc", {"AUTOBUS_AVAHI": "OFF", "AUTOBUS_LIBEDIT": "OFF"}),
    Variant("clang-debug", "debug", "clang"),
    Variant("clang-release", "release", "clang", {"CMAKE_INSTALL_PREFIX": "/usr", "AUTOBUS_PYTHON": "ON"}),  # packaged
    Variant("clang-asan", "asan", "clang"),
    Variant("clang-tsan", "tsan", "clang"),
    Variant("clang-no-avahi", "debug", "clang", {"AUTOBUS_AVAHI": "OFF", "AUTOBUS_LIBEDIT": "OFF"}),
)}


class Builds:
    """The variants built so far, in folders below one."""

    def __init__(self, root, work):
        self.tally = Tally()  # of whichever part is running
        self._root = root
        self._work = work
        self._done = {}

    def folder(self, name):
        """Where this variant was built; None if it could not be."""
        if name not in self._done:
            self._done[name] = self._build(VARIANTS[name])
        return self._work / name if self._done[name] else None

    def _build(self, variant):
        folder = self._work / variant.name
        settings = {"CMAKE_C_COMPILER": variant.compiler, **variant.options}
        configure = ["cmake", "--preset", variant.preset, "-S", self._root, "-B", folder,
                     *(f"-D{key}={value}" for key, value in settings.items())]
        script = 'jobs=$1; shift; "$@" && exec cmake --build "$0" -- -k 0 -j "$jobs"'
        job = Job(f"build {variant.name}", ["sh", "-c", script, folder, os.cpu_count(), *configure],
                  timeout=1800, cwd=self._root, tells=False)
        tally = run_all([job], self._work / "logs")
        self.tally.add(tally)
        return not tally.failed
