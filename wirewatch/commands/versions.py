"""How `wirewatch show` prints an article's edits and versions."""

from itertools import pairwise

from rich.text import Text

from index.edits import changes_document, edits, version_document
from index.word_diff import WHOLE, in_context
from results.edits import KIND_NAMES, Change, Edit
from stream.errors import ConfigError
from stream.messages import Article
from stream.versions import texts
from stream.words import plural
from wirewatch.commands.output import Form, print_document
from wirewatch.commands.screen import Screen
from wirewatch.commands.times import clock

_OLD, _NEW = "red strike", "green"


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
    if change.kind in WHOLE:
        return Text.assemble(f"  {KIND_NAMES[change.kind]}", f": {change.after}" if change.after else "")
    shown = Text(f"  {KIND_NAMES[change.kind]}: ")
    for piece in in_context(change, old, new):
        match piece.kind:
            case "removed":
                shown.append("[-").append(piece.text, _OLD).append("-]")
            case "added":
                shown.append("{+").append(piece.text, _NEW).append("+}")
            case _:
                shown.append(piece.text)
    return shown
