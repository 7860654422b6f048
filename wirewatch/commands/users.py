"""`wirewatch users`: who may log in to the page."""

import sys

import click
import msgspec

from results.parts import Time
from stream.clock import utc_now
from stream.errors import ConfigError
from web.access.accounts import Accounts, name_of
from web.access.audit import Audit
from web.access.files import access_file
from web.access.person import ROLES, Role
from web.access.sessions import Sessions
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, hint, with_settings
from wirewatch.commands.times import clock
from wirewatch.process.private import make_folder

BY = "command"
"""How the audit log says that a change was made on the command line."""
_MOST_INPUT = 5_000


class User(msgspec.Struct, frozen=True):
    """A person who may log in."""

    name: str
    role: Role
    added: Time


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/users/1"):
    """Who may log in to the page."""

    users: tuple[User, ...]


@click.group()
def users() -> None:
    """Manage who may log in to the page.

    Roles: a reader reads; an analyst also marks articles, saves searches, and changes alerts and topics; an admin also changes
    sources, and adds addresses that alerts are sent to.
    """


ADD_EXAMPLES = """
\b
Examples:
  wirewatch users add ann --role admin
  pass show desk/bob | wirewatch users add bob --stdin
"""
_ROLE = click.Choice(tuple(ROLES))
_stdin = click.option(
    "--stdin", is_flag=True, help="Read the password from standard input instead of asking for it."
)


@users.command(epilog=ADD_EXAMPLES)
@click.argument("name")
@click.option("--role", type=_ROLE, default="analyst", show_default=True, help="What they may do.")
@_stdin
@with_settings
def add(settings: Settings, name: str, role: Role, stdin: bool) -> None:  # noqa: FBT001 - a flag of click
    """Add a person, with a password."""
    name, known = name_of(name), accounts(settings)
    if known.role_of(name):
        raise ConfigError(
            f"{name}: there is such a person already; wirewatch users password changes the password"
        )
    make_folder(settings.paths.data)
    is_first = not known.all()
    known.add(name, _password(stdin=stdin), role)
    note(settings, "users add", user=name, role=role)
    Screen().print(f"{name} may log in, as {role}.")
    if is_first:
        Screen().print("The page asks for a log-in from its next start on.")


@users.command("list", epilog="\b\nExamples:\n  wirewatch users list\n  wirewatch users list --json")
@with_json
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List who may log in."""
    found = accounts(settings).all()
    if form == "json":
        print_document(Listed(tuple(User(one.name, one.role, one.added) for one in found)))
    elif found:
        Screen().table(("name", "role", "added"), [(one.name, one.role, clock(one.added)) for one in found])
    else:
        Screen().print(
            f"Nobody: the page asks for no log-in. {hint(settings, 'users add NAME')} adds somebody."
        )


@users.command(epilog="\b\nExamples:\n  wirewatch users remove ann")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Remove a person.

    Their sessions, tokens and shared links are removed, too. Their marks stay.
    """
    accounts(settings).remove(name)
    note(settings, "users remove", user=name)
    Screen().print(f"{name} may no longer log in.")


@users.command(epilog="\b\nExamples:\n  wirewatch users password ann")
@click.argument("name")
@_stdin
@with_settings
def password(settings: Settings, name: str, stdin: bool) -> None:  # noqa: FBT001 - a flag of click
    """Give a person a new password.

    Their sessions end. Their tokens stay valid.
    """
    known = accounts(settings)
    if known.role_of(name.lower()) is None:
        raise ConfigError(f"{name}: there is no such person; wirewatch users list names them")
    known.set_password(name.lower(), _password(stdin=stdin))
    note(settings, "users password", user=name)
    Screen().print(f"{name} has a new password, and must log in again.")


@users.command(epilog="\b\nExamples:\n  wirewatch users role ann admin")
@click.argument("name")
@click.argument("new_role", metavar="ROLE", type=_ROLE)
@with_settings
def role(settings: Settings, name: str, new_role: Role) -> None:
    """Give a person another role, at once."""
    accounts(settings).set_role(name, new_role)
    note(settings, "users role", user=name, role=new_role)
    Screen().print(f"{name} is {new_role} now.")


@users.command(epilog="\b\nExamples:\n  wirewatch users logout ann")
@click.argument("name")
@with_settings
def logout(settings: Settings, name: str) -> None:
    """End all sessions of a person."""
    if accounts(settings).role_of(name.lower()) is None:
        raise ConfigError(f"{name}: there is no such person; wirewatch users list names them")
    ended = Sessions(access_file(settings.paths.data), utc_now).end_all_of(name.lower())
    note(settings, "users logout", user=name)
    Screen().print(f"{name} is logged out everywhere (sessions: {ended}).")


def accounts(settings: Settings) -> Accounts:
    """The people of the data folder."""
    return Accounts(access_file(settings.paths.data), utc_now)


def note(settings: Settings, what: str, **about: str) -> None:
    """Note a change in the audit log."""
    Audit(settings.paths.data, utc_now).note("local", BY, "", what, about)


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline(_MOST_INPUT).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ConfigError(
            "there is no terminal to ask for the password: give it on standard input, with --stdin"
        )
    entered: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return entered
