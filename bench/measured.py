"""Builds docs/measured.md, and the table in docs/languages.md, from the bench results (bench/results/*.json).

python -m bench.measured
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from bench.material.results import FOLDER, ROOT, Figure, Machine, Run, load

PAGE = ROOT / "docs" / "measured.md"
SUBJECTS: Mapping[str, Sequence[str]] = {
    "The whole pipeline": ("pipeline", "memory", "latency"),
    "At scale": ("capacity", "ceiling", "soak", "idle", "replay", "archive_bytes", "metrics"),
    "Nothing lost, nothing twice": ("faults", "backpressure"),
    "Polling": ("polling", "poller", "simulate_polling", "silence", "edits"),
    "Reading feeds and pages": ("feeds", "extraction", "blocks", "metadata", "hostile", "contained"),
    "Tagging": ("language", "languages", "topics", "entities", "linking", "names"),
    "Stories and alerts": ("stories", "stories_across", "duplicates", "relate", "alerts", "matching"),
    "The log and the archive": ("log", "scaleout", "backup", "warc"),
    "The page": ("page",),
    "The tests": ("mutation",),
}
HEAD = """# Measured

Every figure was printed by the command beside it and is kept, as that run found it, in `bench/results/`. This page is made from
those files by `python -m bench.measured`. A bench keeps its figures when it is run with a command listed here; with other
options it only prints them.

Each `bench/*.py` is one command, and its docstring says what is measured and how. `bench/material/` is what the benches share,
`bench/data/` their hand-made tables, `bench/java/` the peers that run on a JVM, and `bench/make/` builds data that ships with
wirewatch. Third-party data are looked for in `../shared/data`; a bench that lacks its data says so and stops.

The machines were shared and busy: trust ratios and shares more than times. A peer was measured in the same run, unless the
notes below the table say otherwise. Figures "from the README" were measured before this page existed, at about the commit
named, and stood in the README from that commit on.
"""


LANGUAGES_PAGE = ROOT / "docs" / "languages.md"
_BY_LANGUAGE = re.compile(r"(<!-- by language.*?-->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Write the pages."""
    results = all_runs()
    PAGE.write_text(render(results), "utf-8")
    LANGUAGES_PAGE.write_text(with_languages(LANGUAGES_PAGE.read_text("utf-8"), results), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {LANGUAGES_PAGE.relative_to(ROOT)}")


def with_languages(page: str, results: Mapping[str, Sequence[Run]]) -> str:
    """A page with the table of bench.languages: a row for each language, a column for each measure."""
    by_language: dict[str, dict[str, str]] = {}
    for figure in (figure for run in results.get("languages", ()) for figure in run.figures):
        language, _, what = figure.what.partition(": ")
        if what:
            by_language.setdefault(language, {})[what] = number(figure.value)
    columns = list(next(iter(by_language.values()), {}))
    rows = [("language", *columns), ("---",) * (len(columns) + 1)]
    rows += [
        (language, *(cells.get(column, "") for column in columns)) for language, cells in by_language.items()
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _BY_LANGUAGE.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page)


def all_runs() -> dict[str, tuple[Run, ...]]:
    """The kept runs of each bench, by the bench's name."""
    return {path.stem: load(path) for path in sorted(FOLDER.glob("*.json"))}


def render(results: Mapping[str, Sequence[Run]]) -> str:
    """The page: for each subject a table with notes on its runs, then the machines."""
    machines = list(dict.fromkeys(run.machine for runs in results.values() for run in runs if run.machine))
    parts = [HEAD]
    for subject, benches in SUBJECTS.items():
        runs = [run for bench in benches for run in results.get(bench, ())]
        if runs:
            parts.append(f"## {subject}\n\n{_table(runs)}\n\n{_notes(runs, machines)}\n")
    parts.append(f"## Machines\n\n{_machines(machines)}\n")
    return "\n".join(parts)


def _table(runs: Iterable[Run]) -> str:
    head = "| what | measured | goal | beside it | command | date | commit |"
    rows = (_row(run, figure) for run in runs for figure in run.figures)
    return "\n".join((head, "|---|---|---|---|---|---|---|", *rows))


def _row(run: Run, figure: Figure) -> str:
    peers = "; ".join(f"{name} {number(value)}" for name, value in figure.peers.items())
    cells = (figure.what, _with_unit(figure), _goal(figure), peers, f"`{run.command}`", run.date, run.commit)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _notes(runs: Iterable[Run], machines: Sequence[Machine]) -> str:
    return "\n".join(f"- `{run.command}` ({run.commit}): {_circumstances(run, machines)}" for run in runs)


def _circumstances(run: Run, machines: Sequence[Machine]) -> str:
    on = f"machine {machines.index(run.machine) + 1}" if run.machine else "machine not noted"
    load = f"load {number(run.load)}" if run.load is not None else ""
    return "; ".join(filter(None, (on, load, run.note)))


def _with_unit(figure: Figure) -> str:
    return f"{number(figure.value)} {figure.unit}".rstrip()


def _goal(figure: Figure) -> str:
    goal = figure.at_most if figure.at_most is not None else figure.at_least
    if goal is None:
        return ""
    side = "at most" if figure.at_most is not None else "at least"
    return f"{side} {number(goal)}: {'met' if figure.is_met else '**not met**'}"


def number(value: float) -> str:
    """A number as the page shows it."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def _machines(machines: Sequence[Machine]) -> str:
    lines = [
        f"{place}. {one.cpu}, {one.cores} cores, Python {one.python}" for place, one in enumerate(machines, 1)
    ]
    lines.append(
        "\nIf no machine is noted, it was a shared one with two cores. A load is the number of processes that wanted"
        " to run when the bench ended."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
