"""Makes strings from outside safe to show on a terminal, in a log or in JSON: no control codes, hidden text or secrets.

Feeds, pages and servers are untrusted. A control character can drive a terminal, a bidirectional override can reorder the text
that is shown, an invisible character can hide in it, and a URL may carry a password.
"""

import re
from typing import Any

import msgspec

LONGEST_LINE = 1000
"""Maximum characters in a line; a longer one is cut and ends in an ellipsis."""

SECRET_NAMES = "|".join(
    (
        *(
            "access[_-]?token",
            "api[_-]?key",
            "apikey",
            "auth",
            "credential",
            "hmac",
            "jwt",
            "pass",
            "passwd",
            "password",
        ),
        *("pwd", "secret", "sessionid", "signature", "token"),
    )
)
"""URL parameters that hold secrets, as a regular expression."""
MAYBE_SECRET_NAMES = "code|key|session|sid|sig"  # noqa: S105
"""URL parameters that hold secrets only if the value is long."""

_REPLACED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
"""Characters that drive a terminal or reorder text; replacement characters show where they were."""
_SPACES = re.compile("[\t\x0b\x0c\r\x85\u2028\u2029]")
_REMOVED = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners shape Persian, Indic scripts and emoji: keep one that stands between two non-ASCII characters.
    "|(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])"
    "|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]+"
)
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{4}}){_MARKS}+")

_USERINFO = re.compile(
    r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:[/\\]{2})([^\s/\\?#\"'<>@:]*)(:?)[^\s/\\?#\"'<>]*@",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    rf"([?&;#](?:[\w.-]{{0,60}}[_.-])?(?:{SECRET_NAMES})=)[^&;#\s\"'<>]*[^&;#\s\"'<>:,.)]"
    rf"|([?&;#](?:[\w.-]{{0,60}}[_.-])?(?:{MAYBE_SECRET_NAMES})=)[^&;#\s\"'<>]{{7,}}[^&;#\s\"'<>:,.)]",
    re.IGNORECASE,
)
HIDDEN = "***"
_WITH_OFFSETS = frozenset({"text", "sentence"})
"""Fields that offsets in other fields refer to: their length must not change."""

_ESCAPED_IN_JSON = re.compile(
    "[\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text without control or hidden characters; line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    plain = _SPACES.sub(" ", _REPLACED.sub("\ufffd", text.replace("\r\n", "\n")))
    return _STACKED.sub(r"\1", _REMOVED.sub("", plain))


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The same on one line of at most `longest` characters."""
    line = " ".join(visible(text[: 4 * longest]).split("\n")).strip()
    return line if len(line) <= longest and len(text) <= 4 * longest else f"{line[: longest - 1]}…"


def without_secrets(text: str) -> str:
    """The text with passwords and likely secret parameters removed from its URLs."""
    if "@" in text:
        text = _USERINFO.sub(_hide_userinfo, text)
    return _PARAMETER.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", text) if "=" in text else text


def _hide_userinfo(found: "re.Match[str]") -> str:
    """`https://me:secret@` -> `https://me:***@`; a name alone may be a token: `https://token@` -> `https://***@`."""
    scheme, user, colon = found.groups()
    return f"{scheme}{user}:{HIDDEN}@" if colon else f"{scheme}{HIDDEN}@"


def to_json(value: Any, *, secrets: bool = False) -> str:
    """JSON on one line. It decodes to the same value, except for hidden secrets; terminal control characters are escaped.

    Args:
        value: anything msgspec can encode.
        secrets: whether to show passwords in URLs.
    """
    shown = value if secrets else _hiding(msgspec.to_builtins(value))
    return _ESCAPED_IN_JSON.sub(_escape, msgspec.json.encode(shown).decode())


def _escape(found: "re.Match[str]") -> str:
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _hiding(value: Any) -> Any:
    match value:
        case str():
            return without_secrets(value)
        case dict():
            shown: dict[Any, Any] = {}
            for key, held in value.items():
                shown[_free(key, shown)] = (
                    held if key in _WITH_OFFSETS and isinstance(held, str) else _hiding(held)
                )
            return shown
        case list() | tuple():
            return [_hiding(one) for one in value]
        case _:
            return value


def _free(key: Any, taken: dict[Any, Any]) -> Any:
    """The key without secrets; numbered if two keys differ only in their secrets."""
    name = without_secrets(key) if isinstance(key, str) else key
    number = 2
    while name in taken:
        name, number = f"{without_secrets(key)} ({number})", number + 1
    return name
