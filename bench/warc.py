"""Measures what it costs to write fetched pages to WARC, and how fast `wirewatch warc import` reads them.

    python -m bench.warc [--pages 920]

Real pages (../shared/data) are written as the fetch stage writes them; the CPU time counts. The file is then imported into an
empty data folder by the command, a process of its own with all its workers, and every page that is read goes as far as the
archive. The share of writing is out of writing and importing together. Polling and fetching are not included, so it is less in
the whole pipeline.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from index.embedded.store import EmbeddedStore
from ingest.http.response import Response
from ingest.warc.folder import WarcFolder
from ingest.warc.settings import Warc
from stream.clock import utc_now


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=920)
    pages = pages_or_exit(options.parse_args().pages)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), pages)
    for figure in figures:
        print(f"{figure.what}: {figure.value:,g} {figure.unit}")
    record("warc", figures)


def measure(folder: Path, pages: list[bytes]) -> list[Figure]:
    """Write, read with another reader, import."""
    writing = written(folder / "pages", pages)
    (file,) = (folder / "pages").iterdir()
    with file.open("rb") as opened:
        readable = sum(one.rec_type == "response" for one in ArchiveIterator(opened, check_digests="raise"))
    data = folder / "data"
    data.mkdir()
    wall, importing = imported(file, data)
    with EmbeddedStore.open(data / "index", readonly=True) as store:
        articles = store.count()
    number = len(pages)
    return [
        Figure("responses that warcio reads, digests checked", readable, at_least=number),
        Figure("written, of a page", round(file.stat().st_size / number / 1000, 1), "kB"),
        Figure("CPU to write a page", round(1000 * writing / number, 2), "ms"),
        Figure("CPU to import a page, to the archive", round(1000 * importing / number, 1), "ms"),
        Figure("share of writing", round(writing / (writing + importing), 4), at_most=0.03),
        Figure("articles of the imported pages", articles),
        Figure("pages imported per second", round(number / wall, 1)),
        Figure("pages imported per CPU-second", round(number / importing, 1)),
    ]


def written(folder: Path, pages: list[bytes]) -> float:
    """CPU-seconds to write the pages."""
    made = [
        Response(
            url=f"https://outlet-{number % 50}.example/news/{number}",
            status=200,
            headers={"content-type": "text/html", "server": "nginx", "content-encoding": "gzip"},
            content_type="text/html",
            charset="",
            body=body,
            permanent=False,
        )
        for number, body in enumerate(pages)
    ]
    warc = WarcFolder(
        folder, Warc(folder="pages", file_bytes=10**12), "wirewatch/bench (news monitor)", utc_now
    )
    began = time.process_time()
    for one in made:
        warc.keep(one)
    warc.close()
    return time.process_time() - began


def imported(file: Path, data: Path) -> tuple[float, float]:
    """Seconds and CPU-seconds that the command takes."""
    program = Path(sys.executable).with_name("wirewatch")
    before, began = _children(), time.perf_counter()
    subprocess.run([program, "warc", "import", file, "--data", data], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
