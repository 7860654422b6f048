"""Pages are written to WARC files while wirewatch runs, and another installation makes the same articles of them."""

from pathlib import Path

from acceptance.command import demo_once, run

from wirewatch.commands.settings import load
from wirewatch.composition.stores import open_store


def archived(data: Path) -> dict[str, str]:
    """The texts of a data folder's articles, by address; those of the feeds themselves are left out, since no page has them."""
    settings = load(data, None, None)
    with open_store(settings.config, settings.paths, readonly=True) as store:
        articles = [one.enriched.article for one in store.scan()]
    return {one.url: one.text for one in articles if not one.instead_of and "#" not in one.url}


def test_what_was_written_is_read_by_another(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (first / "wirewatch.toml").write_text('[warc]\nfolder = "pages"\n')
    (second / "wirewatch.toml").touch()
    demo_once(first)
    files = sorted((first / "pages").iterdir())
    assert [one.name.removesuffix(".warc.gz") == one.name for one in files] == [False]
    options = ("--data", second, "--config", second / "wirewatch.toml")
    done = run("warc", "import", *files, *options)
    assert done.returncode == 0, done.stderr
    assert "pages handed over; 0 were in the archive already." in done.stdout
    before, after = archived(first), archived(second)
    assert set(after) <= set(before)
    assert len(after) > 60
    assert {url: text for url, text in after.items() if before[url] != text} == {}
