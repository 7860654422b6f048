"""Measures whether the tests notice faults: puts small faults into the source, one at a time, and runs its unit tests.

    python -m bench.mutation [FILE ...] [--jobs N]      the files whose figures are published, or some
    python -m bench.mutation --changed [BASE] --seconds 300
                                                        only the lines that differ from a commit, as far as the time allows

A mutant is caught if a test fails, or if the tests take far longer than without it. Each survivor is named with its line: it
needs a test, or changes nothing observable. Each is tried in a process of its own, forked after the imports, which runs the
tests that reach its lines, the quickest first. The results for each published file are kept in bench/results/. Exit code 1:
fewer were caught than --at-least.
"""

import argparse
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import msgspec
import pytest

from bench.material.mutants import Mutant, mutants, mutated
from bench.material.results import Figure, keep

ROOT = Path(__file__).parents[1]
PUBLISHED = (
    "alerts/decision.py",
    "alerts/pacing.py",
    "alerts/rules.py",
    "ingest/polling/schedule.py",
    "query/monitor/compiled.py",
    "query/monitor/conjunctions.py",
    "query/monitor/fresh.py",
    "query/monitor/keys.py",
    "query/monitor/monitor.py",
    "stream/quarantine.py",
    "stream/runner.py",
    "stream/window.py",
)
ALSO_TESTED_WITH = {
    "alerts/decision.py": ("rules",),
    "alerts/pacing.py": ("rules",),
    "alerts/rules.py": ("updates",),
}
"""Files that only work together with another one, whose tests count as theirs, too. Their own tests are quicker and run
first."""
AIM = 0.95
ENOUGH = 20
"""With fewer mutants, the share that was caught says little."""
TIMES_LONGER = 10
"""How many times the CPU time the tests may take compared with no mutant; the limit in elapsed time is twice that."""
LEAST_SECONDS = 4
PASSED, NO_TESTS = 0, 5
OPTIONS = (
    *("-x", "--hypothesis-profile=mutation", "-o", "addopts=--import-mode=importlib"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist"),
    "-Wignore::pytest.PytestAssertRewriteWarning",  # hypothesis is imported before the fork
)


class File(msgspec.Struct, frozen=True):
    """The results for one file."""

    file: str
    mutants: int
    caught: int
    survivors: tuple[str, ...] = ()


def main() -> int:
    """Run it; the exit code."""
    asked = _arguments()
    os.chdir(ROOT)
    _import_what_all_need()
    chosen = _changed(asked.changed) if asked.changed else _whole(asked.files or PUBLISHED)
    if asked.changed:
        chosen = _some(chosen)
    files, until = [], time.monotonic() + asked.seconds
    for file, found in chosen.items():
        files.append(_summed(file, list(_Trial(file, asked.jobs, until).run(found))))
        _print(files[-1])
        whole = not asked.changed and files[-1].mutants == len(found)
        if whole and file in PUBLISHED and "CI" not in os.environ:
            keep("mutation", file, [_figure(files[-1])])
    _print_total(files, sum(map(len, chosen.values())))
    return _exit_code(files, asked.at_least)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument(
        "--changed", nargs="?", const="HEAD~1", metavar="BASE", help="a commit; HEAD~1 if not given"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no mutant after that time")
    parser.add_argument("--at-least", type=float, default=AIM, help="the share that must be caught")
    return parser.parse_args()


def _whole(files: Iterable[str]) -> Mapping[str, list[Mutant]]:
    return {file: mutants(Path(file).read_text("utf-8")) for file in files}


def _changed(base: str) -> Mapping[str, list[Mutant]]:
    """The mutants of the lines that differ from a commit, of files that have unit tests of their own."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "tests"}
    difference = _git("diff", "--unified=0", "--no-renames", "--diff-filter=AM", base, "--", "*.py")
    found, untested = {}, []
    for part in re.split(r"^diff --git ", difference, flags=re.MULTILINE)[1:]:
        file = part.split(" b/", 1)[1].split("\n", 1)[0]
        if file.split("/")[0] not in packages:
            continue
        if not _tests_of(file)[0].is_file():
            untested.append(file)
            continue
        lines = _changed_lines(part)
        touched = [one for one in mutants(Path(file).read_text("utf-8")) if one.line in lines]
        if touched:
            found[file] = touched
    if untested:
        print(f"Without unit tests of their own, so left out: {', '.join(sorted(untested))}")
    return found


def _some(chosen: Mapping[str, list[Mutant]]) -> Mapping[str, list[Mutant]]:
    """The mutants in random order, so that those tried in time come from all files and lines; the seed is fixed."""
    chance = random.Random(0)
    return {
        file: chance.sample(chosen[file], len(chosen[file]))
        for file in chance.sample(sorted(chosen), len(chosen))
    }


def _changed_lines(difference: str) -> set[int]:
    lines: set[int] = set()
    for start, count in re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", difference, re.MULTILINE):
        lines.update(range(int(start), int(start) + int(count or 1)))
    return lines


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def _tests_of(file: str) -> list[Path]:
    path = Path(file)
    subjects = path.stem, *ALSO_TESTED_WITH.get(file, ())
    return [Path("tests", "unit", path.parent, f"test_{subject}.py") for subject in subjects]


def _named(tests: Iterable[Path]) -> str:
    return ", ".join(map(str, tests))


def _import_what_all_need() -> None:
    """Import libraries once, before forking; none of our own modules, because those are mutated."""
    for name in ("asyncio", "elasticsearch", "hypothesis", "kafka", "numpy", "structlog"):
        importlib.import_module(name)


class _Trial:
    """Tries the mutants of one file, several at a time.

    A template process imports the file and collects its tests. For each mutant it forks a process that changes the functions in
    place and runs the tests. Mutants outside of functions are applied before the import, in a fresh process.
    """

    def __init__(self, file: str, jobs: int, until: float) -> None:
        self.file, self._jobs, self._until = file, jobs, until
        self._source = Path(file).read_text("utf-8")
        self._code = compile(self._source, str(ROOT / file), "exec")
        self.seconds = 0.0

    def run(self, found: Sequence[Mutant]) -> Iterator[tuple[Mutant, bool]]:
        """Try them."""
        codes = [
            (mutant, compile(mutated(self._source, mutant), str(ROOT / self.file), "exec"))
            for mutant in found
        ]
        inner = [(mutant, code) for mutant, code in codes if _declaring(code) == _declaring(self._code)]
        outer = [(mutant, code) for mutant, code in codes if _declaring(code) != _declaring(self._code)]
        with tempfile.TemporaryFile() as told:
            process = os.fork()
            if process == 0:
                _run_tests(self.file, self._code, _Template(inner, self, told.fileno()))
            _, status = os.waitpid(process, 0)
            if os.waitstatus_to_exitcode(status) != PASSED:
                raise SystemExit(f"The tests of {self.file} fail as it is: {_named(_tests_of(self.file))}")
            told.seek(0)
            self.seconds, results = msgspec.json.decode(told.read(), type=tuple[float, dict[int, bool]])
        yield from ((inner[place][0], caught) for place, caught in results.items())
        started = [partial(_run_tests, self.file, code, None) for _, code in outer]
        yield from ((outer[place][0], caught) for place, caught in self.each(started))

    def each(self, started: Sequence[Callable[[], None]]) -> Iterator[tuple[int, bool]]:
        """Run each mutant in a process of its own; yields its number, and whether it was caught."""
        waiting, running = list(enumerate(started))[::-1], dict[int, int]()
        while running or (waiting and time.monotonic() < self._until):
            while waiting and len(running) < self._jobs and time.monotonic() < self._until:
                place, start = waiting.pop()
                running[self._begin(start)] = place
            process, status = os.wait()
            code = os.waitstatus_to_exitcode(status)
            if code == NO_TESTS:
                raise SystemExit(f"No test was found: {_named(_tests_of(self.file))}")
            print("." if code != PASSED else "S", end="", flush=True)
            yield running.pop(process), code != PASSED

    def _begin(self, start: Callable[[], None]) -> int:
        process = os.fork()
        if process == 0:
            allowed = int(max(self.seconds * TIMES_LONGER, LEAST_SECONDS))
            resource.setrlimit(resource.RLIMIT_CPU, (allowed, allowed))
            signal.alarm(allowed * TIMES_LONGER)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            start()
        return process

    def measure(self, start: Callable[[], None]) -> None:
        """Run the tests without a fault: their time sets the limit for the mutants."""
        process = os.fork()
        if process == 0:
            start()
        _, status, used = os.wait4(process, 0)
        if os.waitstatus_to_exitcode(status) != PASSED:
            os._exit(1)
        self.seconds = used.ru_utime + used.ru_stime


class _Reached(msgspec.Struct, frozen=True):
    """The lines of a file that a test reaches.

    Attributes:
        seconds: of CPU time that the test takes, traced.
        lines: of the file that it executes.
    """

    seconds: float
    lines: set[int]


class _Reach:
    """A pytest plugin: records which lines of a file each test reaches, by the number of the test."""

    def __init__(self, file: str) -> None:
        self._file = str(ROOT / file)
        self.found: list[_Reached] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Around each test."""
        lines: set[int] = set()

        def reached(frame: FrameType, _event: str, _argument: object) -> Any:
            if frame.f_code.co_filename != self._file:
                return None
            lines.add(frame.f_lineno)
            return reached

        threading.settrace(reached)
        sys.settrace(reached)
        begun = time.process_time()
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.found.append(_Reached(time.process_time() - begun, lines))


class _Template:
    """A pytest plugin: instead of running the tests once, it runs them in a process for each mutant."""

    def __init__(self, codes: Sequence[tuple[Mutant, CodeType]], trial: _Trial, told: int) -> None:
        self._codes, self._trial, self._told = codes, trial, told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Called once the tests are collected."""
        self._trial.measure(partial(self._run, session))
        reached = self._reached(session)
        live = [one for one in gc.get_objects() if type(one) is FunctionType]

        def run(mutant: Mutant, code: CodeType) -> None:
            session.items[:] = _reaching(mutant, session.items, reached)
            _change(live, code)
            self._run(session)

        results = dict(self._trial.each([partial(run, *each) for each in self._codes]))
        os.write(self._told, msgspec.json.encode((self._trial.seconds, results)))
        return True

    def _run(self, session: pytest.Session) -> None:
        """Run the tests; ends the process."""
        try:
            session.config.pluginmanager.subset_hook_caller("pytest_runtestloop", [self])(session=session)
        except (session.Failed, session.Interrupted):
            os._exit(1)
        os._exit(1 if session.testsfailed else PASSED if session.testscollected else NO_TESTS)

    def _reached(self, session: pytest.Session) -> list[_Reached]:
        """The lines of the file that each test reaches, in the order of the tests."""
        with tempfile.TemporaryFile() as told:
            process = os.fork()
            if process == 0:
                reach = _Reach(self._trial.file)
                session.config.pluginmanager.register(reach)
                with suppress(
                    session.Failed, session.Interrupted
                ):  # tracing is slow, so it may fail: then all tests are run
                    session.config.pluginmanager.subset_hook_caller("pytest_runtestloop", [self])(
                        session=session
                    )
                told.write(msgspec.json.encode(reach.found))
                told.flush()
                os._exit(PASSED)
            os.waitpid(process, 0)
            told.seek(0)
            return msgspec.json.decode(told.read(), type=list[_Reached])


def _reaching(mutant: Mutant, tests: Sequence[pytest.Item], reached: Sequence[_Reached]) -> list[pytest.Item]:
    """The tests that execute what a mutant changes, quickest first."""
    if len(reached) != len(tests):
        return list(tests)
    changed = range(mutant.line, mutant.last_line + 1)
    chosen = [(one.seconds, place) for place, one in enumerate(reached) if not one.lines.isdisjoint(changed)]
    return [tests[place] for _, place in sorted(chosen)]


def _declaring(code: CodeType) -> object:
    """The code that a module runs on import: all but the bodies of its functions."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    plain = [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
    classes = [_declaring(one) for one in inner if not one.co_flags & inspect.CO_OPTIMIZED]
    functions = [(one.co_qualname, one.co_freevars) for one in inner if one.co_flags & inspect.CO_OPTIMIZED]
    return code.co_code, code.co_names, plain, classes, functions


def _functions(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from [one] if one.co_flags & inspect.CO_OPTIMIZED else _functions(one)


def _change(live: Sequence[FunctionType], code: CodeType) -> None:
    """Give the existing functions the bodies that they have in this module."""
    bodies = {(one.co_filename, one.co_qualname, one.co_firstlineno): one for one in _functions(code)}
    for function in live:
        old = function.__code__
        new = bodies.get((old.co_filename, old.co_qualname, old.co_firstlineno))
        if new is not None and new.co_freevars == old.co_freevars:
            function.__code__ = new


def _run_tests(file: str, code: CodeType, plugin: object) -> None:
    """Run the tests of a file, whose module has this code; ends the process."""
    sys.meta_path.insert(0, _Replaced(file, code))
    with tempfile.TemporaryDirectory() as scratch:
        result = pytest.main(
            [*OPTIONS, f"--basetemp={scratch}/pytest", *map(str, _tests_of(file))],
            [plugin] if plugin else [],
        )
    sys.stdout.flush()
    os._exit(PASSED if plugin and result == NO_TESTS else int(result))


class _Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from code other than its file's."""

    def __init__(self, file: str, code: CodeType) -> None:
        self._name = file.removesuffix(".py").replace("/", ".")
        self._file, self._code = str(ROOT / file), code

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Called by the import system."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        exec(self._code, vars(module))


def _summed(file: str, tried: Sequence[tuple[Mutant, bool]]) -> File:
    source = Path(file).read_text("utf-8").splitlines()
    survivors = sorted(mutant for mutant, caught in tried if not caught)
    named = tuple(f"{one.line}: {source[one.line - 1].strip()} | {one.change}" for one in survivors)
    return File(file, len(tried), len(tried) - len(survivors), named)


def _print(found: File) -> None:
    print()
    for survivor in found.survivors:
        print(f"survived: {found.file}:{survivor}")
    if found.mutants:
        share = found.caught / found.mutants
        print(f"{found.file}: {found.caught} of {found.mutants} mutants caught, {share:.1%}", flush=True)


def _print_total(files: Sequence[File], there: int) -> None:
    caught, tried = _total(files)
    if tried:
        print(f"all: {caught} of {tried} caught, {caught / tried:.1%}")
    if tried < there:
        print(f"{there - tried} mutants were not tried for lack of time")
    if not there:
        print("no mutants: no changed file has unit tests of its own")


def _total(files: Sequence[File]) -> tuple[int, int]:
    return sum(one.caught for one in files), sum(one.mutants for one in files)


def _figure(one: File) -> Figure:
    return Figure(
        f"mutants of {one.file} caught, of {one.mutants}", round(one.caught / one.mutants, 3), at_least=AIM
    )


def _exit_code(files: Sequence[File], at_least: float) -> int:
    caught, all_ = _total(files)
    return int(all_ >= ENOUGH and caught < at_least * all_)


if __name__ == "__main__":
    sys.exit(main())
