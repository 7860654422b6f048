import pytest
from rich.text import Text

from wirewatch.commands.screen import Screen


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The screen of a terminal with 40 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    return Screen()


def test_long_lines_wrap_with_their_indent(narrow: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    narrow.print("    " + "word " * 12)
    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert len(lines) == 2
    assert all(line.startswith("    word") and len(line) <= 40 for line in lines)


def test_a_list_hangs_behind_its_label(narrow: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    narrow.line("3f9a1c20  " + "headline " * 8, hang=10)
    first, *others = capsys.readouterr().out.rstrip("\n").split("\n")
    assert first.startswith("3f9a1c20  headline")
    assert others
    assert all(line.startswith(" " * 10 + "headline") for line in others)


def test_a_long_url_stays_whole_and_other_long_words_are_broken(
    narrow: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://a.example/" + "x" * 60
    narrow.print(f"  {url}")
    assert url in capsys.readouterr().out
    narrow.print("  " + "消" * 60)
    assert len(capsys.readouterr().out.rstrip("\n").split("\n")) > 3


def test_a_secret_is_hidden_before_its_line_is_folded(
    narrow: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow.print(Text("a feed at http://reader:hunter2hunter2@a.example/ that failed, again and again"))
    said = capsys.readouterr().out
    assert "hunter2" not in said
    assert "reader:***@" in said


def test_rows_are_not_folded_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().table(("a", "b"), [("x" * 150, "[/x]")])
    assert "x" * 150 + "  [/x]" in capsys.readouterr().out
