"""Writes the outcome of a long run into docs/testing.md, between two marks."""

import datetime
import os
import platform

_BEGIN = "<!-- the last long run: begin -->"
_END = "<!-- the last long run: end -->"


def write(root, results, seed, bench_table):
    """Replace what stands between the marks."""
    page = root / "docs" / "testing.md"
    head, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    measured = "\n".join(bench_table) or "The benchmarks could not run."
    page.write_text(f"{head}{_BEGIN}\n{_table(results, seed)}\n\n{measured}\n{_END}{tail}", encoding="utf-8")


def _table(results, seed):
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}"
    lines = [f"{datetime.date.today().isoformat()}, {machine}, seed {seed}", "",
             "| part | passed | failed | skipped | time |", "|---|---:|---:|---:|---:|"]
    for name, tally, took in results:
        lines.append(f"| {name} | {tally.passed} | {len(tally.failed)} | {len(tally.skipped)} | {_said(took)} |")
    for name, tally, _ in results:
        lines += [f"\n{name}: failed: {failure}" for failure in tally.failures()]
        lines += [f"\n{name}: skipped: {test}: {reason}" for test, reason in tally.skipped]
    return "\n".join(lines)


def _said(seconds):
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
