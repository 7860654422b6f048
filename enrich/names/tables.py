"""CSV files of names: the lists that come with wirewatch, and the user's."""

import csv
import io
from collections.abc import Iterator, Sequence

from stream.errors import ConfigError


def rows(
    data: bytes, name: str, columns: Sequence[str], required: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a file by column, each with its place (`names.csv, line 3`) for the beginning of an error.

    Args:
        data: the content, UTF-8.
        name: the file's name, for errors.
        columns: the columns that it may have, in any order.
        required: the columns that it must have.

    Raises:
        ConfigError: names the file, the line and what was expected.
    """
    try:
        cells = csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True)
        header = _header(next(cells, []), name, columns, required)
        for row in cells:
            where = f"{name}, line {cells.line_num}"
            if len(row) != len(header):
                raise ConfigError(f"{where}: expected {len(header)} columns, found {len(row)}")
            yield where, {column: cell.strip() for column, cell in zip(header, row, strict=True)}
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: expected UTF-8, found byte {data[error.start]:#04x} at {error.start}"
        ) from None
    except csv.Error as error:
        raise ConfigError(f"{name}, line {cells.line_num}: not valid CSV: {error}") from None


def _header(cells: Sequence[str], name: str, columns: Sequence[str], required: Sequence[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if not (set(required) <= set(header) <= set(columns) and len(set(header)) == len(header)):
        raise ConfigError(
            f"{name}, line 1: expected the columns {', '.join(columns)} (at least {' and '.join(required)}),"
            f" found {', '.join(cells)!r}"
        )
    return header
