"""The Jinja environment over templates/, with autoescaping on and undefined names refused."""

from functools import cache

import jinja2


@cache
def environment() -> jinja2.Environment:
    """The environment, made once: it is never changed."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("demo", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
