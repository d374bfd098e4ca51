"""What passed, what failed and what was skipped, and how a program's lines tell it.

Knows Criterion's TAP and the lines of our own test programs, which are the same but for the dash:
    ok NAME        not ok NAME: why        skip NAME: reason        ok NAME  # SKIP reason
"""

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field

_VERDICT = re.compile(r"^(ok|not ok|skip)(?: \d+)?(?: -)? +(\S.*)$")
_TIME = re.compile(r"\s+\(\d+\.\d+ ?s\)$")


@dataclass
class Tally:
    """Counts of one job, of a part, or of everything."""

    passed: int = 0
    failed: list = field(default_factory=list)
    skipped: list = field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def fail(self, name, why):
        self.failed.append((name, why))

    def skip(self, name, reason):
        """A skip, unless it is for want of namespaces where they are required."""
        if os.environ.get("AUTOBUS_REQUIRE_NETNS") == "1" and "namespace" in reason:
            self.fail(name, reason)
        else:
            self.skipped.append((name, reason))

    def failures(self):
        """Each failed test with why, in a line."""
        return [f"{name}: {why}" if why else name for name, why in self.failed]

    @property
    def total(self):
        return self.passed + len(self.failed) + len(self.skipped)

    def read(self, line, prefix):
        """Count what this line of a test program tells, if it tells anything."""
        match = _VERDICT.match(line)
        if not match:
            return
        verdict, rest = match.groups()
        if " # SKIP" in rest:
            name, _, reason = rest.partition(" # SKIP")
            self.skip(f"{prefix}{name.strip()}", reason.strip() or "no reason given")
        elif verdict == "ok":
            self.passed += 1
        elif verdict == "skip":
            name, _, reason = rest.partition(": ")
            self.skip(f"{prefix}{name}", reason)
        else:
            name, _, why = _TIME.sub("", rest).partition(": " if ": " in rest else " ")
            self.fail(f"{prefix}{name}", why)

    def skips_in_one_line(self):
        """Every skipped test by name, under its reason."""
        by_reason = defaultdict(list)
        for name, reason in self.skipped:
            by_reason[reason].append(name)
        told = [f"{reason} ({', '.join(names)})" for reason, names in sorted(by_reason.items())]
        return f"skipped: {len(self.skipped)}: {'; '.join(told)}" if told else "skipped: none"
