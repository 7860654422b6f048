"""Who may use the page: people, tokens, and the audit log."""

import sys

import click
import pytest
from samples.access import GOOD
from unit.wirewatch.commands.conftest import Here


def test_people_and_tokens_are_managed_and_audited(here: Here) -> None:
    assert "asks for no log-in" in here.run("users", "list").out
    added = here.run("users", "add", "Ann", "--role", "admin", "--stdin", given=f"{GOOD}\n")
    assert added.out == "ann may log in, as admin.\nThe page asks for a log-in from its next start on.\n"
    weak = here.run("users", "add", "bob", "--stdin", code=2, given="short\n")
    assert "10 to 1,000 characters" in weak.err
    assert "--stdin" in here.run("users", "add", "bob", code=2).err
    assert "such a person already" in here.run("users", "add", "ann", "--stdin", code=2, given=GOOD).err
    here.run("users", "password", "ann", "--stdin", given=GOOD[::-1])
    here.run("users", "role", "ann", "analyst")
    (ann,) = here.ask("users", "list")["users"]
    assert (ann["name"], ann["role"]) == ("ann", "analyst")
    assert "ann   analyst" in here.run("users", "list").out
    assert "logged out everywhere (sessions: 0)" in here.run("users", "logout", "ann").out

    assert "There are none" in here.run("tokens", "list").out
    token = here.run("tokens", "add", "ann", "--label", "weekly", "--days", "7").out.strip()
    assert token.startswith("ww_")
    (listed,) = here.ask("tokens", "list")["tokens"]
    seen = (listed["user"], listed["label"], listed["scope"], listed["used"])
    assert seen == ("ann", "weekly", "read", None)
    assert token not in here.run("tokens", "list").out
    here.run("tokens", "revoke", listed["id"])
    assert "no such token" in here.run("tokens", "revoke", listed["id"], code=2).err
    here.run("users", "remove", "ann")
    assert "no such person" in here.run("users", "remove", "ann", code=2).err

    noted = here.lines("audit")
    done = ["add", "password", "role", "logout", "remove"]
    assert [one["what"] for one in noted if one["what"].startswith("users")] == [
        f"users {one}" for one in done
    ]
    assert [one["what"] for one in noted if one["what"].startswith("tokens")] == [
        "tokens add",
        "tokens revoke",
    ]
    assert noted == here.ask("audit", "--who", "local")["changes"]
    assert "local (command)  users role user=ann role=analyst" in here.run("audit").out
    assert here.run("audit", "--who", "nobody").out == "No change is noted.\n"
    assert {file.stat().st_mode & 0o777 for file in here.data.iterdir()} == {0o600}


@pytest.mark.parametrize("command", ["password", "logout"])
def test_nothing_is_changed_of_a_person_who_is_not_there(here: Here, command: str) -> None:
    assert "there is no such person; wirewatch users list" in here.run("users", command, "eve", code=2).err


def test_a_password_is_asked_for_on_a_terminal(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "prompt", lambda *_, **options: GOOD if options["hide_input"] else "")

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert here.call("users", "add", "ann").out.startswith("ann may log in, as analyst.")


def test_other_machines_reach_no_page_without_people(here: Here) -> None:
    refused = here.run("serve", "--host", "0.0.0.0", "--port", "9", code=2)
    assert "web.host: other machines can reach 0.0.0.0" in refused.err
    assert "users add NAME --role admin" in refused.err
