"""One section of a page, played: its hosts, a terminal for whoever types, and everything that the page says happens.

Knows the town's hosts, and what a recipe may find on one: a home, an empty /sys, tools that stand in for others.
"""

import os
import time
from pathlib import Path

from town import kernel
from town.network import Network

from .terminal import Terminal
from .transcript import Transcript, cleaned

_ROOT = Path(__file__).resolve().parents[3]
_ADDRESSES = {"pi": "10.0.0.20", "attic": "10.0.0.17", "laptop": "10.0.0.5"}
_HOME = "/run/user/pi"
_PATIENCE = 40
# What the machine of the reader has, and that of the test has not: each host gets its own, empty.
_EMPTY = ("/sys", "/srv", "/mnt", "/var/log", "/var/lib", "/run/user")
_PC = """Name: Autobus
Description: as built
Version: 0
Requires: json-c
Cflags: -I{root}/include
Libs: -L{build} -Wl,-rpath,{build} -lautobus
"""
# For notes to the test. `stand_in NAME` makes a command that a recipe needs and that may not be here, its script on
# standard input. `publish TYPE …` publishes and returns when that is done; what is written to ~/.TYPE.in it reads, and
# `leave TYPE` ends it.
_HELP = """stand_in() {
    mkdir -p ~/.stand-ins && { echo '#!/bin/sh'; cat; } > ~/.stand-ins/$1 && chmod +x ~/.stand-ins/$1
}
publish() {
    name=${1#--}; mkfifo ~/.$name.in
    autobus-publish "$@" <> ~/.$name.in > ~/.$name.log 2>&1 & echo $! > ~/.$name.pid; disown
    until grep -q 'on the network' ~/.$name.log; do kill -0 $! || return 1; done
}
leave() { kill $(cat ~/.$1.pid) 2> ~/.$1.log; rm ~/.$1.*; }
"""


class _Scene:
    def __init__(self, town, section, afterthought):
        self._town = town
        self._afterthought = afterthought
        self._transcript = Transcript()
        self._terminals = []
        self._programs = Path(town.program("autobus-ls")).parent
        self._library = next(self._programs.glob("**/libautobus.so"))
        network = Network(0) if len(section.hosts) > 1 else None
        self._hosts = {}
        for name in section.hosts:
            self._hosts[name] = host = town.host(name)
            host.without_ipv6()  # its addresses are others each time
            if network:
                town.plug(host, network, _ADDRESSES[name])
            self._furnish(host)

    def _furnish(self, host):
        with host.inside():
            self._empty()
            os.makedirs(_HOME)
            os.makedirs(f"/run/user/{os.getuid()}", mode=0o700)
            names = [f"{address} {name}" for name, address in _ADDRESSES.items() if name != host.name]
            Path("/run/user/hosts").write_text("\n".join(["127.0.0.1 localhost " + host.name, *names, ""]))
            if os.path.exists("/etc/hosts"):  # a bare root may have none
                kernel.mount("/run/user/hosts", "/etc/hosts", "none", kernel.MS_BIND)
            Path("/run/user/autobus.pc").write_text(_PC.format(root=_ROOT, build=self._library.parent))

    def _empty(self):
        """Whatever is below there is hidden; but for the checkout and the build, which may lie anywhere."""
        kept = {path: os.open(path, os.O_PATH) for path in (_ROOT, self._programs)}
        for folder in _EMPTY:
            if os.path.isdir(folder) or folder.startswith("/run/"):
                os.makedirs(folder, exist_ok=True)
                kernel.mount("none", folder, "tmpfs", 0, "mode=0755")
        for path, folder in kept.items():
            if not path.exists():
                path.mkdir(parents=True)
                kernel.mount(f"/proc/self/fd/{folder}", str(path), "none", kernel.MS_BIND)
            os.close(folder)

    def _environment(self, host):
        paths = (f"{_HOME}/.stand-ins", str(self._programs), f"{self._programs}/examples", os.environ["PATH"],
                 "/usr/sbin", "/sbin")
        return self._town.surroundings(host, {
            "PATH": ":".join(paths), "HOME": _HOME, "USER": "pi", "LANG": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1",
            "PKG_CONFIG_PATH": "/run/user", "PYTHONPATH": str(_ROOT / "bindings/python"),
            "PYTHONDONTWRITEBYTECODE": "1", "AUTOBUS_LIBRARY": str(self._library)})

    def _terminal(self, host):
        """A terminal that nothing runs in."""
        for terminal in self._terminals:
            if terminal.host.name == host and not terminal.is_taken:
                return terminal
        terminal = Terminal(self._hosts[host], self._environment(self._hosts[host]), _HOME)
        self._terminals.append(terminal)
        return terminal

    def perform(self, step):
        if step.file:
            with self._hosts[step.host].inside():
                path = Path(_HOME, step.file.replace("~/", ""))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.command, encoding="utf-8")
                path.chmod(0o755 if step.command.startswith("#!") else 0o644)
            return
        terminal = self._terminal(step.host)
        terminal.order((_HELP if step.is_hidden else "") + self._transcript.command(step.command))
        status = self._watch(terminal, step)
        if step.goes_on or step.after is not None or step.expected or step.is_asked_why:
            return
        assert status == 0, f"`{step.command}` ended with {status}: {cleaned(terminal.said)}"

    def _watch(self, terminal, step):
        """Until the command has ended, and printed what the page says; its exit code."""
        events, status, fits = [one for one in step.events if one.when], None, False
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            self._read_others(terminal)
            ended = terminal.read(0.05)
            if ended is not None:
                status, deadline = ended, min(deadline, time.monotonic() + self._afterthought)
            while events and events[0].when in terminal.said:
                self._happens(terminal, events.pop(0))
            fits = not events and step.shows in terminal.said and (
                step.expected is None or self._transcript.fits(step.expected, terminal.said, step.numbers_vary))
            if fits and step.after is not None and status is None:
                self._interrupt(terminal, step)
                return status
            if fits and (status is not None or step.goes_on):
                break
            for event in step.events if not events else ():
                if event.when is None:
                    self._happens(terminal, event)
        assert fits, self._difference(step, terminal, events)
        assert status is not None or step.goes_on, f"`{step.command}` does not end: {cleaned(terminal.said)}"
        return status

    def _interrupt(self, terminal, step):
        """Ctrl-C, which the terminal shows, and what is said then."""
        terminal.type("\x03")
        assert terminal.until(lambda: not terminal.is_taken, _PATIENCE), f"Ctrl-C does not end `{step.command}`"
        whole = f"{step.expected}\n^C{step.after}".lstrip("\n")
        fits = not step.after or terminal.until(
            lambda: self._transcript.fits(whole, terminal.said, step.numbers_vary), self._afterthought)
        assert fits, f"`{step.command}` printed\n{cleaned(terminal.said)}\ninstead of\n{whole}"

    def _read_others(self, terminal):
        """Nobody waits for a screen that is not looked at."""
        for other in self._terminals:
            if other is not terminal and other.is_taken:
                other.read(0)

    def _happens(self, terminal, event):
        if event.types:
            terminal.type(event.what + "\n")
            return
        host = self._hosts[event.host]
        done = host.run("bash", "-c", _HELP + self._transcript.command(event.what), env=self._environment(host))
        assert done.returncode == 0, f"`{event.what}`: {done.stderr}"

    def _difference(self, step, terminal, events):
        waits = f", and {events[0].when!r} was waited for" if events else ""
        return f"`{step.command}` printed\n{cleaned(terminal.said)}\ninstead of\n{step.expected}{waits}"


def play(town, section, afterthought=10):
    """Plays a section; an AssertionError says what was not as the page says. What is printed in the background may come
    so many seconds after its command has ended."""
    scene = _Scene(town, section, afterthought)
    for step in section.steps:
        try:
            scene.perform(step)
        except AssertionError as problem:
            raise AssertionError(f"{section.page}:{step.line}: {problem}") from None
