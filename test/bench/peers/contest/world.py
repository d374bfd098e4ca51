"""Where everything runs: free ports of 127.0.0.1, paths in a folder of its own, and processes that end with the run.

Ends only what it started, each by its own id. Does not know who the peers are.
"""

import json
import os
import selectors
import shutil
import socket
import subprocess
import tempfile
import time

_PATIENCE = 15
# What may run on which cores, and how a title says so.
PLACES = {"large": "", "one-core": ", all on one core", "two-cores": ", each side on a core of its own"}


def _cores(at):
    """(that of the servers, that of the clients); None: any. The last is the least busy with interrupts."""
    first, last = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))
    return {"large": (None, None), "one-core": (last, last), "two-cores": (first, last)}[at]


class Absent(Exception):
    """A peer cannot take part; the text says why."""


class World:
    """At one of PLACES. Leave it by close()."""

    def __init__(self, build, packages, programs, at):
        self.build, self.packages, self.programs = build, packages, programs
        self.folder = tempfile.mkdtemp(prefix="peers-")
        self._started = []
        self._serving, self._asking = ([] if core is None else ["taskset", "-c", str(core)] for core in _cores(at))
        self._prefix = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []  # even if we are killed

    def close(self):
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._started):
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
            if process.stdin:
                process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return str(probe.getsockname()[1])

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def small(self, name):
        """One of our small programs."""
        if name in self.programs.missing:
            raise Absent(self.programs.missing[name])
        return self.programs[name]

    def tool(self, name):
        """One from the packages."""
        found = self.packages.program(name)
        if found is None:
            raise Absent(self.packages.missing.get(name, f"there is no {name}"))
        return found

    def ours(self):
        path = os.path.join(self.build, "autobus-bench")
        if not os.access(path, os.X_OK):
            raise Absent(f"there is no autobus-bench in {self.build}")
        return path

    def serve(self, *argv, env=None):
        """Starts it and waits for its first line, which it returns."""
        process = self._start(self._serving, argv, env, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline().decode() if selector.select(_PATIENCE) else ""
        if not line:
            raise Absent(f"{os.path.basename(argv[0])} does not get ready")
        return line.strip()

    def weigh_last(self):
        """How to ask for the resident memory of the process that was started last."""
        path = f"/proc/{self._started[-1].pid}/status"

        def weigh():
            with open(path, encoding="ascii") as file:
                return int(next(line for line in file if line.startswith("VmRSS:")).split()[1])
        return weigh

    def daemon(self, *argv, port=None, path=None, env=None):
        """Starts it and waits until it can be connected to."""
        process = self._start(self._serving, argv, env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        if not self._until_connected(process, path or ("127.0.0.1", int(port))):
            raise Absent(f"{os.path.basename(argv[0])} does not get ready")

    @staticmethod
    def _until_connected(process, place):
        """False: it ended, or takes too long."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and process.poll() is None:
            with socket.socket(socket.AF_UNIX if isinstance(place, str) else socket.AF_INET) as probe:
                if probe.connect_ex(place) == 0:
                    return True
            time.sleep(0.02)
        return False

    def _start(self, where, argv, env, **streams):
        process = subprocess.Popen([*self._prefix, *where, *argv], env={**self.packages.env(), **(env or {})},
                                   stderr=subprocess.DEVNULL, start_new_session=True, **streams)
        self._started.append(process)
        return process

    def ask(self, argv, env=None, within=120):
        """Runs a client to its end; what it printed."""
        process = self._start(self._asking, argv, env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            said, _ = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            raise Absent(f"{os.path.basename(argv[0])} does not end") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            self._started.remove(process)
        if process.returncode != 0:
            raise Absent(f"{os.path.basename(argv[0])} ended with {process.returncode}")
        return said.decode()

    def ask_json(self, argv, env=None):
        return json.loads(self.ask(argv, env).splitlines()[-1])
