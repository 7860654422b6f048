import os
from pathlib import Path

import pytest

from web.images.cache import Cache


def test_what_is_kept_is_there_for_another_process(tmp_path: Path) -> None:
    Cache(tmp_path / "images", 10_000).put("0a" * 16, b"one")
    again = Cache(tmp_path / "images", 10_000)
    assert (again.get("0a" * 16), again.get("0b" * 16)) == (b"one", None)


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 10_000)
    keys = [f"{n:032x}" for n in range(10)]
    for age, key in enumerate(reversed(keys)):
        cache.put(key, bytes(1_000))
        os.utime(tmp_path / key[:2] / key, (1_000_000 - age, 1_000_000 - age))
    assert cache.get(keys[0])  # is younger than all others now
    cache.put("f" * 32, bytes(1_000))
    kept = [key for key in keys if cache.get(key)]
    assert kept[0] == keys[0]
    assert keys[1] not in kept
    assert sum(file.stat().st_size for file in tmp_path.glob("??/*")) <= 9_000


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 32, "0" * 31])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        Cache(tmp_path, 10_000).get(key)
