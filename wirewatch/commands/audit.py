"""`wirewatch audit`: what was changed, and by whom."""

import click

from stream.clock import utc_now
from web.access.audit import Audit, Change, Recorded
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock, past

EXAMPLES = """
\b
Examples:
  wirewatch audit --since 7d
  wirewatch audit --who ann
  wirewatch audit --jsonl | jq -r 'select(.what == "log-in" and .outcome != "done") | .address'
"""


@click.command(epilog=EXAMPLES)
@click.option("--since", help="At or after: 2016-03-14, 24h, 7d.")
@click.option("--who", help="Only of this person.")
@with_json_lines
@with_settings
def audit(settings: Settings, since: str | None, who: str | None, form: Form) -> None:
    """Show what was changed through the page and the API, by whom, and who logged in.

    It is kept in audit.jsonl in the data folder, which is only ever added to.
    """
    first = past("--since", since, utc_now()) if since else None
    found = [
        change
        for change in Audit(settings.paths.data, utc_now).changes()
        if (first is None or change.time >= first) and (who is None or change.who == who.lower())
    ]
    if form == "json":
        print_document(Recorded(tuple(found)))
    elif form == "jsonl":
        print_lines(found)
    else:
        for change in found:
            Screen().line(_line(change))
        if not found:
            Screen().print("No change is noted.")


def _line(change: Change) -> str:
    about = " ".join(f"{name}={value}" for name, value in change.about.items())
    place = f" from {change.address}" if change.address else ""
    outcome = "" if change.outcome == "done" else f"  {change.outcome}"
    return (
        f"{clock(change.time)}  {change.who} ({change.by}{place})  {change.what} {about}".rstrip() + outcome
    )
