from pathlib import Path

import pytest
from samples.reading import STORY, make_archive

from index.embedded.store import EmbeddedStore
from web.api.ids import whole_id
from web.errors import BadRequest


def test_the_first_digits_find_the_whole_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_archive(tmp_path)
    with EmbeddedStore.open(tmp_path, readonly=True) as store:
        assert whole_id(store, STORY[:6]) == STORY
        assert whole_id(store, "nosuch") == "nosuch"
        assert whole_id(store, "") == ""
        monkeypatch.setattr(EmbeddedStore, "find_ids", lambda *_: [f"a{0:031x}", f"a{1:031x}"])
        with pytest.raises(BadRequest, match="more than one ID starts like this"):
            whole_id(store, "a")
        monkeypatch.setattr(EmbeddedStore, "find_ids", None)
        assert whole_id(store, STORY) == STORY, "nothing to look for"
