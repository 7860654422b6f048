"""Pages that are plain text (`text/plain`, RFC 2046, 4.1.3): some agencies and press offices still use it."""

import re
from itertools import groupby

_HTML = re.compile(r"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def is_plain_text(content_type: str, text: str) -> bool:
    """Whether a page is plain text: declared as such, and not starting like HTML (some servers declare it for everything)."""
    return content_type == "text/plain" and _HTML.match(text) is None


def paragraphs(text: str) -> str:
    """Plain text with one paragraph per line: blank lines separate paragraphs; without any, each line is a paragraph."""
    lines = [" ".join(line.split()) for line in _CONTROL.sub("", text).strip().splitlines()]
    if "" not in lines:
        return "\n".join(lines)
    return "\n".join(" ".join(group) for has_text, group in groupby(lines, bool) if has_text)
