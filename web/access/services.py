"""What the roof gives the page to know people by."""

from dataclasses import dataclass

from web.access.accounts import Accounts
from web.access.audit import Audit
from web.access.proxy import Proxy
from web.access.sessions import Sessions
from web.access.shares import Shares
from web.access.tokens import Tokens


@dataclass(frozen=True)
class LogIn:
    """How people are known; all of it may be called in any thread.

    Attributes:
        accounts: who may log in.
        sessions: who has.
        tokens: of programs.
        per_minute: how many requests a person, a token or a shared link may make; 0: any number.
        shares: links to single views; None: nobody shares any.
        share_days: how long a link may be good.
    """

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    per_minute: int = 0
    shares: Shares | None = None
    share_days: int = 0


@dataclass(frozen=True)
class Access:
    """Who may use the page.

    Attributes:
        login: None: whoever reaches the page is the one local user.
        proxy: that is believed; None if there is none.
        audit: what notes changes; None: nothing does.
        encrypted: whether browsers reach the page by https alone.
    """

    login: LogIn | None = None
    proxy: Proxy | None = None
    audit: Audit | None = None
    encrypted: bool = False


OPEN = Access()
"""No log-in, and no notes."""
