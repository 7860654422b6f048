"""How the API answers: a document, unless its caller has it already."""

import hashlib

from aiohttp import web

from stream.display import to_json


def answer(request: web.Request, document: object) -> web.Response:
    """A document, or 304 where the caller has it already."""
    body = to_json(document).encode()
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, content_type="application/json", headers=headers)
    response.enable_compression()
    return response
