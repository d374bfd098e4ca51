"""The small programs that stand for each peer, compiled.

Knows which library each of them needs. Does not know what they do.
"""

import subprocess
from pathlib import Path

_SOURCES = Path(__file__).resolve().parents[1] / "programs"
_LIBRARIES = {"floor": None, "spinning": None, "stream": None, "event_server": "event_core", "zeromq": "zmq",
              "nng": "nng", "nats": "nats", "redis": "hiredis", "mqtt": "mosquitto", "sdbus": "systemd", "dds": "ddsc",
              "zeromq_events": "zmq", "nats_events": "nats", "redis_events": "hiredis"}


class Programs:
    """A folder of compiled programs; `missing` says why one is not there."""

    def __init__(self, folder, packages):
        self._folder = Path(folder) / "programs"
        self._packages = packages
        self.missing = {}

    def compile(self, only=tuple(_LIBRARIES)):
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in only:
            library = _LIBRARIES[name]
            more = self._types() if name == "dds" else []
            if more is None:
                self.missing[name] = "there is no idlc"
                continue
            done = subprocess.run(
                ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", *self._packages.flags(), f"-I{self._folder}",
                 "-o", self._folder / name, _SOURCES / f"{name}.c", *more, *([f"-l{library}"] if library else [])],
                capture_output=True, text=True, check=False)
            if done.returncode != 0:
                said = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr.strip()]
                self.missing[name] = said[0]

    def _types(self):
        """DDS wants its types compiled first."""
        idlc = self._packages.program("idlc")
        if idlc is None:
            return None
        done = subprocess.run([idlc, _SOURCES / "note.idl"], cwd=self._folder, env=self._packages.env(),
                              capture_output=True, check=False)
        return [self._folder / "note.c"] if done.returncode == 0 else None

    def __getitem__(self, name):
        return str(self._folder / name)
