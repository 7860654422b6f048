"""`wirewatch tokens`: what programs call the API with."""

from datetime import timedelta

import click
import msgspec

from results.parts import Time
from stream.clock import utc_now
from web.access.accounts import name_of
from web.access.files import access_file
from web.access.person import SCOPES, Scope
from web.access.tokens import Token, Tokens
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, hint, with_settings
from wirewatch.commands.times import clock
from wirewatch.commands.users import note


class ListedToken(msgspec.Struct, frozen=True):
    """A token, without its secret.

    Attributes:
        expires: null: never.
        used: when it was last used, within five minutes; null: never.
    """

    id: str
    user: str
    label: str
    scope: Scope
    added: Time
    expires: Time | None
    used: Time | None


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/tokens/1"):
    """The tokens of the API."""

    tokens: tuple[ListedToken, ...]


@click.group()
def tokens() -> None:
    """Manage the tokens that programs call the API with.

    A program sends its token as `Authorization: Bearer TOKEN`. It acts for a person, and may do what its scope and that
    person's role both allow: read; desk (mark articles, change alerts and topics); admin (change sources, too).
    """


ADD_EXAMPLES = """
\b
Examples:
  wirewatch tokens add ann --label "weekly report"
  wirewatch tokens add ann --label importer --scope desk --days 90
  curl -H "Authorization: Bearer $TOKEN" https://desk.example/api/v1/articles?q=syria
"""


@tokens.command(epilog=ADD_EXAMPLES)
@click.argument("user")
@click.option("--label", default="", help="What the token is for.")
@click.option("--scope", type=click.Choice(SCOPES), default="read", show_default=True, help="What it may do.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Days until it expires. Default: it does not.")
@with_settings
def add(settings: Settings, user: str, label: str, scope: Scope, days: int | None) -> None:
    """Make a token for a person, and print it. It is shown only now."""
    lasts = timedelta(days=days) if days else None
    token, secret = _tokens(settings).add(name_of(user), label[:200], scope, lasts)
    note(settings, "tokens add", user=token.owner, token=token.id, scope=scope)
    Screen(stderr=True).print(
        f"Token {token.id} of {token.owner} ({scope}). Keep it: it can't be shown again."
    )
    Screen(secrets=True).raw(f"{secret}\n")


@tokens.command("list", epilog="\b\nExamples:\n  wirewatch tokens list\n  wirewatch tokens list --json")
@with_json
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List the tokens; their secrets are not kept."""
    found = _tokens(settings).all()
    if form == "json":
        print_document(Listed(tuple(map(_listed, found))))
    elif found:
        Screen().table(("id", "user", "scope", "label", "expires", "last used"), list(map(_row, found)))
    else:
        Screen().print(f"There are none; {hint(settings, 'tokens add USER')} makes one.")


@tokens.command(epilog="\b\nExamples:\n  wirewatch tokens revoke 3f9a1c20")
@click.argument("token_id", metavar="ID")
@with_settings
def revoke(settings: Settings, token_id: str) -> None:
    """Revoke a token, at once."""
    token = _tokens(settings).revoke(token_id)
    note(settings, "tokens revoke", user=token.owner, token=token.id)
    Screen().print(f"Token {token.id} of {token.owner} is revoked.")


def _tokens(settings: Settings) -> Tokens:
    return Tokens(access_file(settings.paths.data), utc_now)


def _listed(token: Token) -> ListedToken:
    return ListedToken(
        token.id, token.owner, token.label, token.scope, token.added, token.expires, token.used
    )


def _row(token: Token) -> tuple[str, ...]:
    expires = clock(token.expires) if token.expires else "never"
    return (
        token.id,
        token.owner,
        token.scope,
        token.label,
        expires,
        clock(token.used) if token.used else "never",
    )
