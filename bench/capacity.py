"""What 100,000, a million and ten million articles a day need: arithmetic from the figures of the other benches.

    python -m bench.capacity

Nothing is measured here. The figures are those kept in bench/results/: processor time an article (bench.ceiling), bytes a
document (bench.archive_bytes), documents a second that one process indexes (bench.scaleout). Peaks are taken as three times the
mean of the day, and a machine is filled to two thirds. Fetching is not included: it waits more than it computes.
"""

import math
from collections.abc import Mapping

import msgspec

from bench.material.results import FOLDER, Figure, Run, load, record

PER_DAY = (100_000, 1_000_000, 10_000_000)
PEAK = 3.0
"""Articles a second in the busiest hour, divided by the mean of the day."""
FILL = 2 / 3
"""The share of a core or a process that is used at the peak."""
SHARD_BYTES = 40e9
"""Elastic advises 10 to 50 GB a shard."""
DAY = 86_400
REMEMBERED_BYTES = 200
"""Bytes of memory that `relate` takes for an article (docs/architecture.md)."""
STORY_DAYS = 7


class Need(msgspec.Struct, frozen=True):
    """What so many articles a day need.

    Attributes:
        per_day: articles.
        per_second: of the peak.
        cores: for all stages, at the peak.
        partitions: of each topic, so that the processes of the largest stage can share it.
        index_processes: that the rate of one process allows for.
        period: of the articles that share an index.
        shards: of each index.
        disk_a_month: bytes of the archive, without copies.
        relate_bytes: of memory, for what `relate` remembers.
    """

    per_day: int
    per_second: float
    cores: int
    partitions: int
    index_processes: float
    period: str
    shards: int
    disk_a_month: float
    relate_bytes: float


def main() -> None:
    """Print the table."""
    found = measured()
    seconds, size, indexed = found["cpu"], found["document"], found["indexed"]
    print(f"an article: {1000 * seconds:.0f} ms of a core, {size / 1000:.1f} kB in Elasticsearch")
    print(f"a process indexes {indexed:.0f} documents a second")
    figures = []
    for per_day in PER_DAY:
        need = needed(per_day, seconds, size, indexed)
        print(
            f"{per_day:>10,} a day: {need.per_second:6.1f}/s at the peak, {need.cores} cores, {need.partitions} partitions,"
            f" index busy {100 * need.index_processes:.0f} %, an index a {need.period} of {need.shards} shards,"
            f" {need.disk_a_month / 1e9:,.0f} GB a month, relate {need.relate_bytes / 1e6:,.0f} MB"
        )
        for name, value, unit in (
            ("cores for the stages", need.cores, ""),
            ("partitions", need.partitions, ""),
            ("share of one index process", round(need.index_processes, 2), ""),
            ("shards an index", need.shards, ""),
            ("archive a month, one copy", round(need.disk_a_month / 1e9), "GB"),
            ("memory of relate", round(need.relate_bytes / 1e6), "MB"),
        ):
            figures.append(Figure(f"{per_day:,} articles a day: {name}", value, unit))
    record("capacity", figures, ("",))


def measured() -> Mapping[str, float]:
    """Seconds of a core an article, bytes a document, documents a second into Elasticsearch."""
    return {
        "cpu": _cpu_seconds(),
        "document": _figure("archive_bytes", "a document in Elasticsearch"),
        "indexed": _figure("scaleout", "documents into Elasticsearch a second"),
    }


def _cpu_seconds() -> float:
    """Of one core for an article, from a page in Kafka to searchable in Elasticsearch."""
    return _figure("ceiling", "Kafka and Elasticsearch: all of these") / 1000


def _figure(bench: str, what: str) -> float:
    """A kept figure, by the end of its name or by its whole name."""
    runs: tuple[Run, ...] = load(FOLDER / f"{bench}.json")
    found = [one.value for run in runs for one in run.figures if one.what == what]
    found += [one.value for run in runs for one in run.figures if one.what.endswith(what)]
    return found[0]


def needed(per_day: int, seconds: float, size: float, indexed: float) -> Need:
    """The arithmetic.

    Args:
        per_day: articles.
        seconds: of a core for one.
        size: bytes of a document.
        indexed: documents a second that a process indexes.
    """
    peak = PEAK * per_day / DAY
    cores = max(math.ceil(peak * seconds / FILL), 1)
    period, days = layout(per_day, size)
    return Need(
        per_day=per_day,
        per_second=peak,
        cores=cores,
        partitions=max(8, _power_of_two(cores)),
        index_processes=peak / indexed,
        period=period,
        shards=max(math.ceil(days * per_day * size / SHARD_BYTES), 1),
        disk_a_month=30 * per_day * size,
        relate_bytes=STORY_DAYS * per_day * REMEMBERED_BYTES,
    )


def layout(per_day: int, size: float) -> tuple[str, int]:
    """The longest period whose articles fit into two shards, or else a day; with its days."""
    for period, days in (("month", 31), ("week", 7)):
        if days * per_day * size <= 2 * SHARD_BYTES:
            return period, days
    return "day", 1


def _power_of_two(number: int) -> int:
    return 1 << (number - 1).bit_length()


if __name__ == "__main__":
    main()
