"""Where people, tokens and sessions are kept: a file of its own, apart from the archive."""

from pathlib import Path

from web.database import Database

NAME = "access.sqlite"
_APPLICATION = 0x77776163  # "wwac"
_UPGRADES = (
    (
        """CREATE TABLE people (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, added INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE sessions (
            hash BLOB PRIMARY KEY,
            name TEXT NOT NULL REFERENCES people (name) ON DELETE CASCADE,
            began INTEGER NOT NULL,
            used INTEGER NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX sessions_of ON sessions (name)",
        """CREATE TABLE tokens (
            hash BLOB PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL REFERENCES people (name) ON DELETE CASCADE,
            label TEXT NOT NULL,
            scope TEXT NOT NULL,
            added INTEGER NOT NULL,
            expires INTEGER,
            used INTEGER
        ) WITHOUT ROWID""",
        "CREATE INDEX tokens_of ON tokens (owner)",
    ),
    (
        # A proxy may name an owner who is not among `people`; of those who are, links end with them.
        """CREATE TABLE shares (
            hash BLOB PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            address TEXT NOT NULL,
            added INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            used INTEGER
        ) WITHOUT ROWID""",
        "CREATE INDEX shares_of ON shares (owner)",
        "CREATE TRIGGER shares_end AFTER DELETE ON people BEGIN DELETE FROM shares WHERE owner = OLD.name; END",
    ),
)


def access_file(folder: Path) -> Database:
    """The file in a data folder."""
    return Database(folder / NAME, _APPLICATION, _UPGRADES)
