"""The programs that are measured, and what the kernel counts about them.

Knows bench-resident and its words, bench programs that run to their end, and /proc. Does not know goals.
"""

import json
import os
import time

from town.process import Process


class Resident(Process):
    """bench-resident: a bus with many services that counts those it hears of."""

    def __init__(self, town, label):
        super().__init__(town, label)
        self._answers = []

    @classmethod
    def start(cls, host, services, expect, env=None):
        return host.start(host.town.program("bench-resident"), "--services", str(services), "--expect", str(expect),
                          label="resident", kind=cls, env=env)

    def heard(self, line):
        if line.startswith(b"{"):
            self._answers.append(json.loads(line))
        else:
            super().heard(line)

    def next(self, within=120):
        """The next thing it tells."""
        told = self.town.reactor.until(lambda: self._answers or self.has_ended_output, within)
        assert self._answers, f"{self.label}: {'ended' if told else 'silent'}; log: {self.log[-2000:]}"
        return self._answers.pop(0)

    def stats(self):
        self.tell("stats")
        return self.next()

    def stat(self, name):
        return self.stats()[name]


def start_residents(hosts, each, services, expect):
    """So many residents in each host; returns when all can be told to go."""
    residents = [Resident.start(host, services, expect) for host in hosts for _ in range(each)]
    for resident in residents:
        resident.next()
    return residents


def go(residents, after=1.0):
    """All start at the same moment, `after` seconds from now; that moment in microseconds."""
    moment = int((time.monotonic() + after) * 1e6)
    for resident in residents:
        resident.tell(f"go {moment}")
    return moment


def all_stats(residents):
    """What each of them counts now."""
    for resident in residents:
        resident.tell("stats")
    return [resident.next() for resident in residents]


def run_to_end(host, program, *arguments, within=600, report=None, sentence=""):
    """Run a bench program in a host; the JSON objects it writes."""
    process = host.start(host.town.program(program), *map(str, arguments), label=program)
    deadline = time.monotonic() + within
    while not host.town.reactor.until(lambda: process.has_ended_output, 1.0):
        assert time.monotonic() < deadline, f"{program} does not end"
        if report:
            report.progress(f"{sentence}, {len(process.lines)} lines")
    code = process.wait()
    assert code == 0, f"{program} ended with {code}: {process.log[-2000:]}"
    return [json.loads(line) for line in process.lines]


# What the kernel counts.


def _status(path):
    with open(path, encoding="ascii") as file:
        return {name: value.strip() for name, value in (line.split(":", 1) for line in file if ":" in line)}


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def resident_kib(pid):
    return int(_status(f"/proc/{pid}/status")["VmRSS"].split()[0])


def own_kib(pid):
    """Resident, and shared with nobody."""
    parts = _status(f"/proc/{pid}/smaps_rollup")
    return sum(int(parts[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


def switches(pid):
    """How often the library's threads went to sleep: each time somebody woke them again. The main thread is the
    program's own."""
    return sum(int(_status(f"/proc/{pid}/task/{task}/status")["voluntary_ctxt_switches"])
               for task in os.listdir(f"/proc/{pid}/task") if task != str(pid))


def cpu_seconds(pid):
    """User and system time of all its threads, by the scheduler's clock and not by its ticks."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def sent_beyond(stats):
    """UDP payload that left the machine: every copy to every destination."""
    return stats["sent_bytes"] - stats["sent_loopback_bytes"]
