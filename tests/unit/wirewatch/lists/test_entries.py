import tomllib

import tomlkit

from wirewatch.lists.alerts import SECTIONS
from wirewatch.lists.entries import joined, split, take_in
from wirewatch.lists.topics import SECTIONS as TOPIC_SECTIONS

TEXT = b"""# mine
[[alert]]
name = "a"   # the first
query = "x"
channels = ["desk no. 1"]

[[alert]]
name = "b"
query = '''
y OR
z'''
muted_until = 2026-03-14T12:00:00Z

[channels."desk no. 1"]
kind = "file"
path = "x"
"""
INLINE = b'alert = [{name = "a", query = "x"}]\nchannels = {desk = {kind = "stdout"}}\n'


def test_a_list_in_parts_means_what_it_meant() -> None:
    for data in (TEXT, INLINE, b""):
        parts = split(data, SECTIONS)
        assert tomllib.loads(joined(parts.values()).decode()) == tomllib.loads(data.decode())
    assert list(split(TEXT, SECTIONS)) == ["alert a", "alert b", "channels desk no. 1"]
    assert "# the first" in split(TEXT, SECTIONS)["alert a"]
    assert list(split(b'[[topic]]\nid = "t"\n', TOPIC_SECTIONS)) == ["topic t"]


def test_parts_of_a_file_are_added_and_those_that_are_there_stay() -> None:
    document = tomlkit.parse('# kept\n[[alert]]\nname = "a"\nquery = "mine"\n')
    found = take_in(document, tomlkit.parse(TEXT.decode()), SECTIONS, replace=False)
    assert (found.added, found.kept) == (("alert b", "channel desk no. 1"), ("alert a",))
    again = take_in(document, tomlkit.parse(TEXT.decode()), SECTIONS, replace=True)
    assert (again.replaced, again.known) == (("alert a",), ("alert b", "channel desk no. 1"))
    assert document.unwrap() == tomllib.loads(TEXT.decode())
    assert tomlkit.dumps(document).startswith("# kept\n")
    assert tomllib.loads(tomlkit.dumps(document)) == tomllib.loads(TEXT.decode())
