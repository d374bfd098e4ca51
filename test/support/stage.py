"""A stage for the programs that people run: the tools and the examples, on loopback and a port of its own.

Knows where the build is (--build DIR, else AUTOBUS_BUILD), how to start a program and wait for what it says, and
how to be a service on the wire, whatever its info. Each test is a function declared with @test; its verdict is told
as `ok NAME`, `not ok NAME: why` or `skip NAME: why`. Nothing here waits without a bound, or merely for luck.
"""

import argparse
import fcntl
import itertools
import json
import os
import pty
import random
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import traceback
from pathlib import Path

NEAR = "127.255.255.255"
PATIENCE = 10
_tests = []


def test(function):
    """Declares a test; its name is read as a sentence."""
    _tests.append(function)
    return function


def hold(condition, *why):
    """Fails the test unless the condition holds."""
    assert condition, " ".join(str(part) for part in why)


class Skipped(Exception):
    """A test that cannot be made here, and why."""


def need(program):
    """The path of a program that not everybody has; without it the test is skipped."""
    found = shutil.which(program)
    if not found:
        raise Skipped(f"there is no {program}")
    return found


def cpu_of_children():
    """The seconds of a processor that all programs took that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def is_busy():
    """Whether this machine has other work, so that how long something takes says little."""
    return os.getloadavg()[0] >= os.cpu_count()


class Announcer:
    """Services on the wire, as an old peer says them: it answers every query with all it has."""

    def __init__(self, port, host="127.0.0.1"):
        self._port = port
        self._services = {}
        self._lock = threading.Lock()
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._mouth.bind((host, 0))
        self._ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._ear.bind(("0.0.0.0", port))
        self._ear.settimeout(0.03)
        self.was_asked = threading.Event()
        self._is_over = False
        self._is_restless = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        for turn in itertools.count():
            if self._is_over:
                return
            if self._is_restless:
                self.add(f"restless-{turn}", {"type": "news"})
            try:
                packet, _ = self._ear.recvfrom(65536)
            except TimeoutError:
                continue
            if b'"query"' in packet:
                self.was_asked.set()
                self.repeat()

    def _say(self, **packet):
        self.say(json.dumps(packet).encode())

    def say(self, packet):
        """Any bytes, as one datagram."""
        self._mouth.sendto(packet, (NEAR, self._port))

    def repeat(self):
        """Says everything again."""
        with self._lock:
            services = list(self._services.items())
        for service, (info, port) in services:
            self._say(command="add", service=service, port=port, info=info)

    def add(self, service, info, port=4000):
        with self._lock:
            self._services[service] = (info, port)
        self._say(command="add", service=service, port=port, info=info)

    def remove(self, service):
        with self._lock:
            _, port = self._services.pop(service)
        self._say(command="remove", service=service, port=port)

    def never_rest(self):
        """From here on there is a new service every moment, so that the picture is never complete."""
        self._is_restless = True

    def close(self):
        self._is_over = True
        self._thread.join()
        self._mouth.close()
        self._ear.close()


class Running:
    """A program that goes on: its output arrives line by line, or as the bytes of a terminal; where that has keys,
    Ctrl-C and Ctrl-Z do what they do."""

    def __init__(self, argv, env, terminal=None, stdin=subprocess.DEVNULL, has_keys=False):
        self.heard = b""
        ours, theirs = pty.openpty() if terminal else os.pipe()
        if terminal:
            resize(ours, *terminal)
        self._out = ours
        self.process = subprocess.Popen(argv, env=env, stdin=theirs if terminal else stdin, stdout=theirs,
                                        stderr=theirs if terminal else subprocess.PIPE, start_new_session=True,
                                        preexec_fn=take_terminal if has_keys else None)
        os.close(theirs)

    @property
    def terminal(self):
        """Our side of it."""
        return self._out

    def resize(self, columns, lines):
        resize(self._out, columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def type(self, text):
        """What a person types on its terminal, or any bytes."""
        os.write(self._out, text if isinstance(text, bytes) else text.encode())

    def quietly(self, text):
        """The same on a terminal that does not show what is typed, and takes any byte."""
        state = termios.tcgetattr(self._out)
        state[1] &= ~termios.OPOST
        state[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        termios.tcsetattr(self._out, termios.TCSANOW, state)
        self.type(text)

    def wait_for(self, text, since=0, within=PATIENCE):
        """Reads until `text` was said after byte `since`; returns where the output stands then."""
        end = time.monotonic() + within
        while text.encode() not in self.heard[since:]:
            ready, _, _ = select.select([self._out], [], [], max(0, end - time.monotonic()))
            more = self._read() if ready else b""
            hold(more, f"waited for {text!r}, heard only {self.heard[since:].decode(errors='replace')!r}")
            self.heard += more
        return len(self.heard)

    def _read(self):
        try:
            return os.read(self._out, 65536)
        except OSError:  # a terminal whose program has ended
            return b""

    def rest(self):
        """Everything said until its end."""
        while more := self._read():
            self.heard += more
        return self.heard.decode()

    def close_output(self):
        os.close(self._out)
        self._out = -1

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, within=PATIENCE):
        """Waits for its end; returns its exit code."""
        return self.process.wait(within)

    def wait_until_stopped(self, within=PATIENCE):
        """Until it sleeps as after Ctrl-Z."""
        end = time.monotonic() + within
        while not os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG):
            hold(time.monotonic() < end, "it does not stop within", within, "s")

    def complaint(self):
        return self.process.stderr.read().decode()

    def drop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stderr, self.process.stdin):
            if stream:
                stream.close()
        if self._out >= 0:
            os.close(self._out)


def take_terminal():
    """Makes standard input the terminal that this process is under the control of."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def resize(terminal, columns, lines):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


class Stage:
    """One test's world: a free port, the environment, and whatever it started."""

    def __init__(self, build):
        self.build = build
        self.port = free_port()
        self.env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "AUTOBUS_PORT": str(self.port),
                    "AUTOBUS_INTERFACES": "lo"}
        self.env |= {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        self._started = []

    def program(self, name):
        for path in (self.build / name, self.build / "examples" / name):
            if path.is_file():
                return str(path)
        raise AssertionError(f"there is no {name} in {self.build}")

    def run(self, name, *words, env=None, **more):
        """Runs it to its end. A shell's way to look at it: .returncode, .stdout, .stderr."""
        return subprocess.run([self.program(name), *words], env={**self.env, **(env or {})}, text=True,
                              capture_output=True, timeout=PATIENCE, check=False, **more)

    def start(self, name, *words, env=None, **more):
        running = Running([self.program(name), *words], {**self.env, **(env or {})}, **more)
        self._started.append(running.drop)
        return running

    def start_script(self, *words, **more):
        """A program that was not built, such as a script behind its interpreter."""
        running = Running([*words], self.env, **more)
        self._started.append(running.drop)
        return running

    def announcer(self, **more):
        announcer = Announcer(self.port, **more)
        self._started.append(announcer.close)
        return announcer

    def at_the_end(self, drop):
        """Has this called when the test is over."""
        self._started.append(drop)

    def strike(self):
        for drop in reversed(self._started):
            drop()


def free_port(kind=socket.SOCK_DGRAM):
    """Below those that the kernel gives to whoever asks for any: nobody gets it by chance meanwhile."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    while True:
        port = random.randrange(first // 2, first)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def perform(function, build):
    stage = Stage(build)
    name = function.__name__.replace("_", " ")
    try:
        function(stage)
    except Skipped as reason:
        print(f"skip {name}: {reason}", flush=True)
    except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError, KeyError, IndexError) as problem:
        traceback.print_exc()
        print(f"not ok {name}: {' '.join(str(problem).split()) or type(problem).__name__}", flush=True)
        return False
    else:
        print(f"ok {name}", flush=True)
    finally:
        stage.strike()
    return True


def main():
    parser = argparse.ArgumentParser(description="Runs the tests of this file.")
    parser.add_argument("--build", default=os.environ.get("AUTOBUS_BUILD", "build/release"))
    parser.add_argument("names", nargs="*", help="only tests whose name contains one of these words")
    arguments = parser.parse_args()
    # A job in the background ignores interrupts, and so would all that is tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    build = Path(arguments.build).resolve()
    chosen = [one for one in _tests
              if not arguments.names or any(word in one.__name__ for word in arguments.names)]
    sys.exit(not all([perform(function, build) for function in chosen]))
