"""The peers' packages, unpacked into a folder and not installed: an installed daemon would start, now and with each
boot, and speak on this machine's network. Nothing outside that folder changes, and it needs no root.

Knows apt and dpkg-deb. Does not know what is in a package.
"""

import os
import subprocess
from pathlib import Path

GROUPS = {
    "redis": ["redis-server", "redis-tools", "libhiredis-dev"],
    "zeromq": ["libzmq3-dev"],
    "nng": ["libnng-dev"],
    "nats": ["nats-server", "libnats-dev"],
    "mqtt": ["mosquitto", "libmosquitto-dev"],
    "sdbus": ["libsystemd-dev"],
    "dbus-daemon": ["dbus-daemon"],
    "dds": ["cyclonedds-dev", "cyclonedds-tools"],
    "haproxy": ["haproxy"],
    "socat": ["socat"],
    "libevent": ["libevent-dev"],
}


def triplet():
    done = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    return subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()


class Packages:
    """A folder with what was unpacked, and who is missing."""

    def __init__(self, folder):
        self.root = Path(folder) / "root"
        self._archives = Path(folder) / "archives"
        self.libraries = self.root / "usr/lib" / triplet()
        self.missing = {}  # group: why

    def fetch(self):
        """Downloads what is neither installed nor here, group by group, and unpacks it."""
        (self._archives / "partial").mkdir(parents=True, exist_ok=True)
        for group, names in GROUPS.items():
            stamp = self._archives / f"{group}.done"
            if stamp.exists():
                continue
            before = set(self._archives.glob("*.deb"))
            done = subprocess.run(
                ["apt-get", "-y", "-qq", "--download-only", "--no-install-recommends", "-o", "Debug::NoLocking=true",
                 "-o", f"Dir::Cache::archives={self._archives}", "install", *names],
                env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                said = (done.stderr.strip() or done.stdout.strip() or "apt-get failed").splitlines()
                self.missing[group] = f"{', '.join(names)}: {said[-1]}"
                continue
            for archive in set(self._archives.glob("*.deb")) - before:
                subprocess.run(["dpkg-deb", "-x", archive, self.root], check=True)
            stamp.touch()
        self._mend_links()

    def _mend_links(self):
        """A library that is installed was not unpacked, and the link of its -dev package leads nowhere here."""
        for link in self.libraries.glob("*.so") if self.libraries.is_dir() else ():
            if link.is_symlink() and not link.exists():
                target = next((folder / link.readlink().name for folder in
                               (Path("/usr/lib") / triplet(), Path("/lib") / triplet())
                               if (folder / link.readlink().name).exists()), None)
                if target:
                    link.unlink()
                    link.symlink_to(target)

    def env(self):
        """For programs from here, and those that were compiled against it."""
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries), "LC_ALL": "C.UTF-8"}

    def program(self, name):
        """Where it lies: here, or installed. None: nowhere."""
        places = [self.root / "usr/bin", self.root / "usr/sbin", *map(Path, os.environ["PATH"].split(":")),
                  Path("/usr/sbin")]
        return next((str(place / name) for place in places if os.access(place / name, os.X_OK)), None)

    def flags(self):
        include = self.root / "usr/include"
        return [f"-I{include}", f"-I{include / triplet()}", f"-L{self.libraries}", f"-Wl,-rpath-link,{self.libraries}"]
