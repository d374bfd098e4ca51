"""A wall clock that one program of the story believes in, and that the story can move.

Knows the preload in test/support/shim. The machine's own time is never touched.
"""

import os
import subprocess

_SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                       "shim", "wall_clock.c")


class WallClock:
    """Start programs with env=clock.environment; then clock.jump(seconds) moves their wall clock."""

    def __init__(self, town):
        self._file = f"/run/town/clock{town.next_number()}"
        library = f"{self._file}.so"
        self.jump(0)
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run([*compiler, "-shared", "-fPIC", "-o", library, _SOURCE], check=True)
        self.environment = {"LD_PRELOAD": library, "WALL_CLOCK_SHIFT": self._file,
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def jump(self, seconds):
        """The programs' wall clock is off by so many seconds from now on."""
        with open(f"{self._file}.new", "w", encoding="ascii") as file:
            file.write(str(seconds))
        os.rename(f"{self._file}.new", self._file)
