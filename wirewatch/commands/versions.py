"""How `wirewatch show` prints an article's edits and versions."""

from itertools import pairwise

from rich.text import Text

from index.edits import KIND_NAMES, changes_document, edits, version_document
from results.edits import Change, Edit
from stream.delta import Hunk, hunks
from stream.errors import ConfigError
from stream.messages import Article
from stream.versions import texts
from stream.words import plural
from wirewatch.commands.output import Form, print_document
from wirewatch.commands.screen import Screen
from wirewatch.commands.times import clock

_OLD, _NEW = "red strike", "green"
_AROUND = 60
"""Characters before and after a change."""


def print_changes(article: Article, form: Form) -> None:
    """Print what was changed in an article."""
    if form == "json":
        print_document(changes_document(article))
    else:
        Screen().print(_changes_as_text(article))


def print_version(article: Article, number: int, form: Form) -> None:
    """Print a version; raises ConfigError if it is not kept."""
    found = version_document(article, number)
    if found is None:
        kept = version_document(article, article.version)
        known = ", ".join(map(str, kept.versions)) if kept else ""
        raise ConfigError(f"article {article.id[:8]}: there is no version {number}; kept are {known}")
    if form == "json":
        print_document(found)
        return
    until = f", until the edit found {clock(found.until)}" if found.until else ", the current one"
    lines = [
        Text(found.title or "(no title)", style="bold"),
        Text(f"version {number} of 0-{article.version}, read {clock(found.read)}{until}", style="dim"),
        Text(found.url, style="blue"),
        Text(),
        Text(found.text),
    ]
    Screen().print(Text("\n").join(lines))


def _changes_as_text(article: Article) -> Text:
    lines = [Text(article.title or "(no title)", style="bold"), Text(article.url, style="blue")]
    if not article.earlier:
        return Text("\n").join([*lines, Text("No edit was found.", style="dim")])
    versions = list(texts(article))[::-1]
    for edit, (old, new) in zip(edits(article), pairwise(versions), strict=True):
        lines += [Text(), _heading(edit), *(_change_lines(change, old, new) for change in edit.changes)]
    return Text("\n").join(lines)


def _heading(edit: Edit) -> Text:
    when = f"found {clock(edit.found)}, after the version read {clock(edit.read)}"
    return Text.assemble(
        (f"Version {edit.version}", "bold"),
        (f"  {plural(len(edit.changes), 'change')}, {when}", "dim"),
    )


def _change_lines(change: Change, old: str, new: str) -> Text:
    """A change: its kind, and the words around it with those that went and those that came."""
    name = Text(f"  {KIND_NAMES[change.kind]}: ")
    if change.kind in ("withdrawn", "paywalled", "restored"):
        return Text.assemble(f"  {KIND_NAMES[change.kind]}", f": {change.after}" if change.after else "")
    if change.field == "title":
        return Text.assemble(name, _compared(change.before, change.after))
    start, end = change.is_at.start, change.is_at.end
    shown = _compared(_flat(old[change.was_at.start : change.was_at.end]), _flat(new[start:end]))
    shown.append(" " if start == end and new[end : end + 1].isalnum() else "")
    return Text.assemble(
        name,
        _flat(_before(new, start)),
        shown,
        _flat(new[end : end + _AROUND]),
        "…" if new[end + _AROUND :] else "",
    )


def _before(text: str, end: int) -> str:
    start = max(end - _AROUND, 0)
    return ("…" if start else "") + text[start:end]


def _flat(text: str) -> str:
    return text.replace("\n", " ")


def _compared(old: str, new: str) -> Text:
    """Two texts in one: what they share, what went, what came. Also to be told without colours: [-went-] {+came+}."""
    shown, at = Text(), 0
    for hunk in hunks(new, old):
        shown.append(new[at : hunk.start])
        _append(shown, hunk, old, new)
        at = hunk.end
    return shown.append(new[at:])


def _append(shown: Text, hunk: Hunk, old: str, new: str) -> None:
    went, came = old[hunk.other_start : hunk.other_end], new[hunk.start : hunk.end]
    if went.strip():
        shown.append("[-").append(went.strip(), _OLD).append("-]")
        shown.append(" " if came.strip() or went.endswith(" ") else "")
    if came.strip():
        shown.append(" " if came[0].isspace() and not went.strip() else "")
        shown.append("{+").append(came.strip(), _NEW).append("+}")
        shown.append(" " if came.endswith(" ") else "")
