"""Keeps the outcome of each part of a long run, and writes all of them into docs/testing.md, between two marks.

A long run may be taken up again by naming parts: each line says of which commit it is. Knows git as far as that.
"""

import datetime
import json
import os
import platform
import subprocess

_BEGIN = "<!-- the last long run: begin -->"
_END = "<!-- the last long run: end -->"


class Record:
    """The parts of a long run as they were run last."""

    def __init__(self, root, work, names, seed):
        self._root, self._names, self._seed = root, names, seed
        self._file = work / "long-run.json"
        self._kept = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    def keep(self, name, tally, took):
        self._kept[name] = {
            "passed": tally.passed, "failures": tally.failures(), "skipped": tally.skipped, "took": took,
            "date": datetime.date.today().isoformat(), "commit": self._commit(), "seed": self._seed}
        self._file.write_text(json.dumps(self._kept, indent=1), encoding="utf-8")

    def write(self, bench_table):
        """Replace what stands between the marks."""
        page = self._root / "docs" / "testing.md"
        head, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
        _, _, tail = rest.partition(_END)
        measured = "\n".join(bench_table) or "The benchmarks were not run."
        page.write_text(f"{head}{_BEGIN}\n{self._table()}\n\n{measured}\n{_END}{tail}", encoding="utf-8")

    def _commit(self):
        """Which one; `-dirty` if anything but the page that is written here differs from it."""
        commit = self._git("rev-parse", "--short", "HEAD") or "unknown"
        return commit + ("-dirty" if self._git("status", "--porcelain", "--", ":!docs/testing.md") else "")

    def _git(self, *words):
        told = subprocess.run(["git", "-C", self._root, *words], capture_output=True, text=True, check=False)
        return told.stdout.strip()

    def _table(self):
        lines = [f"{os.cpu_count()} cores, Linux {platform.release().split('-')[0]}", "",
                 "| part | passed | failed | skipped | time | commit | date | seed |",
                 "|---|---:|---:|---:|---:|---|---|---:|"]
        remarks = []
        for name in self._names:
            kept = self._kept.get(name)
            if kept is None:
                lines.append(f"| {name} | not run |")
                continue
            lines.append(f"| {name} | {kept['passed']} | {len(kept['failures'])} | {len(kept['skipped'])} "
                         f"| {_said(kept['took'])} | {kept['commit']} | {kept['date']} | {kept['seed']} |")
            remarks += [f"\n{name}: failed: {failure}" for failure in kept["failures"]]
            remarks += [f"\n{name}: skipped: {test}: {reason}" for test, reason in kept["skipped"]]
        return "\n".join(lines + remarks)


def _said(seconds):
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
