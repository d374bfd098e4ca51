"""The parts of a run: each a function that finds its tests, runs them and returns their Tally.

Knows what is tested where. Does not know how a program is run (job.py) or built (build.py).
"""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from build import VARIANTS, Builds
from job import Job, run_all
from place import fixed_addresses, own_network
from planted import mistakes
from tally import Tally

_SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}
# The ways that the tests of calls, events, objects, channels and proxies do not take by themselves, the longest first;
# and all of them.
_WAYS_SELDOM_TAKEN = (("unix", "peer"), ("unix", "service"), ("tcp", "proxy"), ("tcp", "bus"), ("tcp", "api"))
_WAYS = tuple((way, layer) for way in ("unix", "tcp") for layer in ("peer", "service", "proxy", "bus", "api"))
# The layers below do not know whether there is avahi.
_KNOW_AVAHI = ("test-discovery", "test-bus", "test-api")
# A million inputs for these. A sequence costs as much as it is long; longer ones are in the corpus.
_LONG_FUZZERS = {"datagram": [], "directory_sequence": ["-max_len=400"], "frames": [], "link": [], "session": []}


@dataclass
class Run:
    """What all parts share."""

    root: Path
    work: Path
    builds: Builds
    scale: float
    seed: int
    is_long: bool = False

    def environment(self, build=None, **more):
        path = f"{os.environ['PATH']}:{self.root}/build/avahi/usr/sbin:/usr/sbin:/sbin"
        env = {"AUTOBUS_TEST_SCALE": str(self.scale), "AUTOBUS_TEST_SEED": str(self.seed), "PATH": path, **more}
        return {**env, "AUTOBUS_BUILD": str(build)} if build else env

    def jobs(self, part, jobs, slots=None):
        if jobs:
            return run_all(jobs, self.work / "logs" / part, slots)
        return failure(part, "found no test")


def failure(name, why):
    print(f"  FAIL {name}: {why}", flush=True)
    tally = Tally()
    tally.fail(name, why)
    return tally


def unit(run, variant):
    """Every program test-LAYER of one variant."""
    part = f"unit-{variant}"
    build = run.builds.folder(variant)
    if not build:
        return failure(part, "its build failed")
    prefix, env = _unit_surroundings(run, variant)
    jobs = [Job(f"{variant} {program.name}", [*prefix, program], timeout=3600 if run.is_long else 600, env=env,
                tap=not VARIANTS[variant].is_sanitized)
            for program in _longest_first(programs(build / "test", "test-*"))
            if run.is_long or variant != "gcc-no-avahi" or program.name in _KNOW_AVAHI]
    return run.jobs(part, jobs)


def _longest_first(paths):
    """The largest programs have the most tests: the others run beside them, not after."""
    return sorted(paths, key=lambda path: path.stat().st_size, reverse=True)


def _unit_surroundings(run, variant):
    """What stands before the command line of a test program, and its environment."""
    sanitized = VARIANTS[variant].is_sanitized
    env = run.environment(run.builds.folder(variant), **(_SANITIZERS if sanitized else {}))
    if sanitized and not run.is_long:
        # Instrumented code is several times slower.
        env["AUTOBUS_TEST_SCALE"] = str(run.scale / 10)
    return (*own_network(), *(fixed_addresses() if sanitized else ())), env


def _again(run, part, ways):
    """Test programs once more in other surroundings: `ways` has a name, a layer and the variables for each. In a long
    run also under the sanitizers."""
    jobs = []
    for variant in ("gcc-debug", "clang-asan", "clang-tsan") if run.is_long else ("gcc-debug",):
        build = run.builds.folder(variant)
        if not build:
            return failure(part, "its build failed")
        prefix, env = _unit_surroundings(run, variant)
        jobs += [Job(f"{variant} {name} test-{layer}", [*prefix, build / "test" / f"test-{layer}"],
                     timeout=3600 if run.is_long else 600, env={**env, **more}, tap=not VARIANTS[variant].is_sanitized)
                 for name, layer, more in ways]
    return run.jobs(part, jobs)


def lines(run):
    """What two of us say in frames everywhere else, in lines of JSON: a sample; in a long run all of it."""
    more = {"AUTOBUS_WIRE": "lines"}
    tally = _again(run, "lines", [("lines", layer, more) for layer in ("service", "proxy", "bus", "api")])
    if run.is_long:
        tally.add(_stories(run, "lines", **more))
    return tally


def builds(run):
    """gcc and clang, every warning an error; then the library as an installed package."""
    debug, release = run.builds.folder("gcc-debug"), run.builds.folder("clang-release")
    if not debug or not release:
        return Tally()  # the failed build has been counted
    return run.jobs("build", [Job("installed package", ["sh", run.root / "test/setup/installed.sh", release],
                                  cwd=run.root)])


def stories(run):
    """Each file of stories: first the quick ones, one after the other; then those with real waits side by side. At full
    counts those that take the whole machine come last, each alone."""
    if run.is_long:
        return _stories(run, "stories")
    with _tidying(run):
        return _stories(run, "stories")


@contextmanager
def _tidying(run):
    """clang-tidy thinks while a part waits. It keeps what it finds of each file, and the lints ask for that and the
    rest."""
    build = run.builds.folder("clang-release") or run.work / "clang-release"
    tidy = subprocess.Popen(["nice", "-n", "19", sys.executable, run.root / "test/lint/tidy.py", run.root, build],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(tidy.pid, signal.SIGKILL)
        tidy.wait()
        # What it had started is ours now: until all of it is gone it would look left running.
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-tidy.pid, 0)


def _stories(run, part, has_slow=True, **more):
    build = run.builds.folder("clang-release")
    if not build:
        return failure(part, "its build failed")
    env = run.environment(build, **more)
    kinds = {file: _kinds(file, env) for file in sorted((run.root / "test/stories").glob("*.py"))}
    if more:
        kinds = {file: has for file, has in kinds.items() if has}
    tally = run.jobs(part, [Job(f"stories {file.stem}", [sys.executable, file, *(["--fast"] if has else [])],
                                timeout=600, env=env)
                            for file, has in kinds.items() if "fast" in has or not has], slots=1)
    for kind, at_once in (("calm", True), ("busy", False)):
        slow = [Job(f"stories {file.stem} ({kind})",
                    [sys.executable, file, f"--{kind}", "--jobs", "8" if at_once else "1"],
                    timeout=7200 if run.is_long else 900, env=env)
                for file, has in kinds.items() if kind in has]
        if slow and has_slow:
            tally.add(run.jobs(part, slow, slots=len(slow) if at_once else 1))
    return tally


def _kinds(file, env):
    """Which kinds of stories a file tells: none if it can't be asked, and then it shall say itself why."""
    listed = subprocess.run([sys.executable, file, "--list"], capture_output=True, text=True, check=False, timeout=60,
                            env={**os.environ, **env}).stdout
    return {line.split()[0] for line in listed.splitlines()} & {"fast", "calm", "busy"}


def transports(run):
    """Services over unix sockets and by TCP: a sample of what the other parts leave out, or in a long run all of it."""
    ways = _WAYS if run.is_long else _WAYS_SELDOM_TAKEN
    tally = _again(run, "transports", [(way, layer, {"AUTOBUS_TEST_TRANSPORT": way}) for way, layer in ways])
    tally.add(_stories(run, "transports", has_slow=run.is_long, AUTOBUS_TEST_TRANSPORT="unix"))
    return tally


def fuzz(run):
    """Every fuzzer: its corpus, then new inputs found from there, which are kept below the build."""
    build = run.builds.folder("clang-asan")
    if not build:
        return failure("fuzz", "its build failed")
    jobs = []
    for program in programs(build / "test", "fuzz_*"):
        noun = program.name.removeprefix("fuzz_")
        corpus = run.root / "test/fuzz/corpus" / noun
        if not corpus.is_dir():
            return failure(f"fuzz {noun}", f"has no corpus in {corpus}")
        found = run.work / "fuzz" / noun
        found.mkdir(parents=True, exist_ok=True)
        bound = ["-max_total_time=10"]
        if run.is_long:
            bound = [f"-runs={1_000_000 if noun in _LONG_FUZZERS else 200_000}", *_LONG_FUZZERS.get(noun, [])]
        jobs.append(Job(f"fuzz {noun}", [*fixed_addresses(), program, *bound, f"-seed={run.seed}", "-timeout=10",
                                         "-rss_limit_mb=1024", f"-artifact_prefix={found}/", found, corpus],
                        timeout=7200 if run.is_long else 120, env=run.environment(build, **_SANITIZERS),
                        tells=False))
    return run.jobs("fuzz", jobs)


def sim(run):
    """The deterministic simulations: in CI up to a thousand buses, in a long run all."""
    build = run.builds.folder("clang-release")
    if not build:
        return failure("sim", "its build failed")
    jobs = []
    for program in programs(build / "test", "sim-*"):
        argv = [program] if run.is_long else [program, "--ci"]
        jobs.append(Job(program.name, argv, timeout=7200 if run.is_long else 300, env=run.environment(build)))
    return run.jobs("sim", jobs)


def examples(run):
    """Each example is compiled by the builds; here each runs as its test says, also with sanitizers, which tell of
    leaks; and the quick start as a whole."""
    jobs = []
    for variant in ("clang-release", "clang-asan"):
        build = run.builds.folder(variant)
        if not build:
            return failure("examples", "its build failed")
        env = run.environment(build, **(_SANITIZERS if VARIANTS[variant].is_sanitized else {}))
        jobs += [Job(f"examples {variant} {file.stem}", [*own_network(), sys.executable, file], env=env)
                 for file in sorted((run.root / "test/examples").glob("[0-9]*.py"))]
    jobs.append(Job("quickstart", [*own_network(), "sh", run.root / "examples/quickstart.sh"], timeout=600,
                    tells=False))
    return run.jobs("examples", jobs)


def bindings(run):
    """Each language as its programs use it; then once more on a library that watches its memory, without the programs
    in C, which bring a runtime of their own."""
    build, watched = run.builds.folder("clang-release"), run.builds.folder("clang-asan")
    if not build or not watched:
        return failure("bindings", "its build failed")
    files = sorted((run.root / "test/bindings/python").glob("*.py"))
    python = (sys.executable, "-W", "error")
    runtime = subprocess.run(["clang", f"-print-file-name=libclang_rt.asan-{os.uname().machine}.so"],
                             capture_output=True, text=True, check=True).stdout.strip()
    watching = {**_SANITIZERS, "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0", "PYTHONMALLOC": "malloc",
                "LD_PRELOAD": runtime}
    jobs = [Job(f"python {file.stem}", [*own_network(), *python, file], timeout=600, env=run.environment(build))
            for file in files]
    jobs += [Job(f"asan python {file.stem}", [*own_network(), *fixed_addresses(), *python, file], timeout=600,
                 env=run.environment(watched, **watching)) for file in files if file.stem != "against_c"]
    return run.jobs("bindings", jobs)


def tools(run):
    """The tools as people use them: what they print, on a terminal and on a pipe, and how they end."""
    build = run.builds.folder("clang-release")
    if not build:
        return failure("tools", "its build failed")
    jobs = [Job(f"tools {file.stem}", [*own_network(), sys.executable, file], env=run.environment(build))
            for file in sorted((run.root / "test/tools").glob("*.py"))]
    watched = run.builds.folder("clang-asan") if run.is_long else None
    if watched:  # the one that goes on from verb to verb
        jobs += [Job(f"tools asan {name}", [*own_network(), sys.executable, run.root / f"test/tools/{name}.py"],
                     env=run.environment(watched, **_SANITIZERS)) for name in ("shelling", "starting")]
    with _tidying(run):
        return run.jobs("tools", jobs)


def packages(run):
    """The Debian packages: what is in them; installed, used, removed. In a long run they are made as a newcomer makes
    them, and also installed in a bare Debian."""
    folder, making = run.work / "packages", ["cpack", "-G", "DEB", "-B", run.work / "packages"]
    build = run.root if run.is_long else run.builds.folder("clang-release")
    if not build:
        return failure("packages", "its build failed")
    if run.is_long:
        folder, making = run.root / "build/packages", ["cmake", "--workflow", "--preset", "packages"]
    for old in folder.glob("*.deb"):
        old.unlink()
    tally = run.jobs("packages", [Job("packages are made", making, timeout=1800, cwd=build, tells=False)])
    if tally.failed:
        return tally
    here = run.root / "test/packages"
    jobs = [Job("package contents", [sys.executable, here / "contents.py", "--build", folder])]
    jobs += [Job(f"packages on {name}", ["sh", here / "installing.sh", folder, *system], timeout=1800)
             for name, system in {"this system": (), "a bare Debian": (run.work / "debian",)}.items()
             if run.is_long or not system]
    tally.add(run.jobs("packages", jobs))
    return tally


def lint(run):
    """Everything about the source that a program can judge; each file of test/lint is one such program. Only some
    of them look at what was built, so a build that failed does not keep the others from judging."""
    build = run.builds.folder("clang-release") or run.work / "clang-release"
    jobs = [Job(f"lint {file.stem}", [sys.executable, file, run.root, build], timeout=900)
            for file in sorted((run.root / "test/lint").glob("[a-z]*.py")) if file.stem != "tree"]
    return run.jobs("lint", jobs)


def planted(run):
    """Mistakes made on purpose, to see that the checks notice them."""
    tally = mistakes(run.root, run.work / "logs" / "planted", run.environment(**_SANITIZERS))
    for failure in tally.failures():
        print(f"  FAIL {failure}")
    return tally


def bench(run):
    """What does not depend on speed, in small, what the hot paths cost, and how fast they are beside bare connections;
    in a long run everything, against the goals, and the hot paths as both compilers make them."""
    jobs = []
    for variant in ("clang-release", "gcc-release") if run.is_long else ("clang-release",):
        build = run.builds.folder(variant)
        if not build:
            return failure("bench", "its build failed")
        jobs.append(Job(f"paths {variant}", [*own_network(), sys.executable, run.root / "test/bench/paths.py"],
                        env=run.environment(build)))
    argv = [sys.executable, run.root / "test/bench/run.py"]
    env = run.environment(run.builds.folder("clang-release"))
    if run.is_long:
        tally = run.jobs("bench", jobs)
        tally.add(run.jobs("bench", [Job("bench", argv, timeout=7200, tells=False, env=env)]))
    else:
        tally = run.jobs("bench", [*jobs, Job("bench", [*argv, "--check"], env=env)])
    # Alone: nothing else here is held to the clock.
    tally.add(run.jobs("bench", [Job("speed", [*own_network(), sys.executable, run.root / "test/bench/peers/run.py",
                                               "--check"], env=env)]))
    return tally


def bench_table(run):
    """The lines of the last long run's table."""
    log = run.work / "logs" / "bench" / "bench.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [line for line in lines if line.startswith("|")]


def programs(folder, pattern):
    return [path for path in sorted(folder.glob(pattern)) if path.is_file() and os.access(path, os.X_OK)]
