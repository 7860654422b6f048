"""Measures how many bytes a document takes in Elasticsearch, and what each field costs.

    python -m bench.archive_bytes [--documents 2000]

Starts Elasticsearch as the tests do, reads and tags real pages (../shared/data) and indexes them, again and again under other
addresses, into one shard. After a merge into one segment the index's size and Elasticsearch's own account of the fields
(`_disk_usage`) are divided by the number of documents.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from bench.scaleout import enriched_articles
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.settings import alias_of
from index.elasticsearch.store import ElasticsearchStore
from stream.messages import Enriched

LEASE_SECONDS = 75.0
"""Elasticsearch keeps what is left out of `_source` until every copy has it, which it notes every half minute; then a merge
drops it."""
GOAL = 10_000
"""Bytes a document. With `terms` in `_source` and offsets in the index, one took 14,500."""


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--documents", type=int, default=2_000)
    chosen = options.parse_args()
    articles = list(enriched_articles(pages_or_exit(200), chosen.documents))
    text = sum(len(one.article.text.encode()) for one in articles) / len(articles)
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers import elasticsearch  # noqa: PLC0415 - of the tests

    with tempfile.TemporaryDirectory() as name, elasticsearch.running(Path(name)) as url:
        sizes = measure(url, articles)
    total = sizes.pop("total")
    print(f"{len(articles)} documents, {text / 1000:.1f} kB of text each: {total / 1000:.1f} kB a document")
    figures = [
        Figure("text of an article", round(text), "bytes"),
        Figure("a document in Elasticsearch", round(total), "bytes", at_most=GOAL),
    ]
    for field, size in sorted(sizes.items(), key=lambda item: -item[1])[:12]:
        print(f"  {field:<24} {size:8.0f} bytes")
        figures.append(Figure(f"a document in Elasticsearch: {field}", round(size), "bytes"))
    record("archive_bytes", figures, ("",))


def measure(url: str, articles: list[Enriched]) -> dict[str, float]:
    """Bytes per document, in all (`total`) and by field."""
    settings = Settings(hosts=(url,), prefix=f"wwtest-bytes-{time.time_ns()}")
    alias = alias_of(settings.prefix)
    with ElasticsearchStore.open(settings) as store, Elasticsearch(url, request_timeout=300) as client:
        try:
            for one in articles:
                store.add(one)
            assert not store.flush()
            client.indices.flush(index=alias)
            time.sleep(LEASE_SECONDS)
            client.indices.forcemerge(index=alias, max_num_segments=1)
            client.indices.flush(index=alias)
            count = client.count(index=alias)["count"]
            stats = client.indices.stats(index=alias, metric="store")["_all"]["primaries"]["store"]
            usage: dict[str, Any] = dict(
                client.indices.disk_usage(index=alias, run_expensive_tasks=True)  # its own account
            )
        finally:
            names = list(client.indices.get(index=f"{alias}-*", expand_wildcards="all"))
            client.indices.delete(index=names)
            client.indices.delete_index_template(name=alias)
    sizes = {"total": stats["size_in_bytes"] / count}
    for index, found in usage.items():
        if index.startswith(alias):
            for field, parts in found["fields"].items():
                sizes[field] = sizes.get(field, 0.0) + parts["total_in_bytes"] / count
    return sizes


if __name__ == "__main__":
    main()
