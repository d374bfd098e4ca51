"""clang-tidy has nothing to say. What it said of a file is kept in the build and asked for again only when the
file, any header, the checks or the compiler's command changed."""

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import BUILD, ROOT, files, finish, judge, output_of, text

_KEPT = BUILD / "tidy"
_FINDING = re.compile(r"^(\S+?:\d+:\d+: (?:warning|error): .*)$", re.MULTILINE)


def commands():
    """{file: the command that compiles it}, of everything the build compiles."""
    entries = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    return {entry["file"]: entry["command"] for entry in entries}


def common():
    """What every file's outcome depends on."""
    seen = hashlib.sha256()
    for path in [Path(".clang-tidy"), Path("test/.clang-tidy"), *files(".h")]:
        seen.update(str(path).encode() + text(path).encode())
    return seen


def findings(file, command, basis):
    seen = basis.copy()
    seen.update(command.encode() + Path(file).read_bytes())
    kept = _KEPT / seen.hexdigest()
    if not kept.exists():
        said, fine = output_of("clang-tidy", "-p", BUILD, "--quiet", "--warnings-as-errors=*", file)
        found = [line.replace(f"{ROOT}/", "") for line in _FINDING.findall(said)]
        # At once or not at all: whoever runs this beside other tests ends it when they do.
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text("\n".join(found if found or fine else [f"{file}: {said.strip()}"]), encoding="utf-8")
        fresh.rename(kept)
    return [line for line in kept.read_text(encoding="utf-8").splitlines() if line]


def all_findings():
    _KEPT.mkdir(exist_ok=True)
    basis = common()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chosen = {file: command for file, command in commands().items() if file.startswith(str(ROOT))}
        results = pool.map(lambda item: findings(*item, basis), sorted(chosen.items()))
    return sorted({line for result in results for line in result})


judge("clang-tidy finds nothing", all_findings())
finish()
