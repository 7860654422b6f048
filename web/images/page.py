"""The pictures of articles. Only what an article in the archive names is fetched: nobody can make us ask for an address."""

from aiohttp import web

from stream.errors import ConfigError
from stream.links import web_address
from web.archive import Archive
from web.images.cache import Cache
from web.images.pictures import Pictures, key_of
from web.images.services import SIZES, Images

_DAY = {"Cache-Control": "private, max-age=86400"}
_HOUR = {"Cache-Control": "private, max-age=3600"}


class ImagePage:
    """The handler.

    Args:
        images: what pictures are made with.
        archive: the store.
    """

    def __init__(self, images: Images, archive: Archive) -> None:
        self._archive = archive
        self._pictures = Pictures(images.make, Cache(images.folder, images.max_bytes))

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get(f"/image/{{id}}/{{size:{'|'.join(SIZES)}}}", self.image)]

    async def image(self, request: web.Request) -> web.Response:
        """The picture of an article, made small."""
        size = next(one for one in SIZES if one == request.match_info["size"])
        url = await self._address(request.match_info["id"])
        if not url:
            return web.Response(status=404, headers=_HOUR)
        key = key_of(url, size)
        headers = {**_DAY, "ETag": f'"{key}"'}
        if any(known.value == key for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        picture = await self._pictures.picture(url, size)
        if picture is None:
            return web.Response(status=404, headers=_HOUR)
        return web.Response(body=picture, content_type="image/webp", headers=headers)

    async def close(self, _: web.Application) -> None:
        """Abandon the pictures that are being made."""
        await self._pictures.close()

    async def _address(self, article: str) -> str:
        try:
            found = await self._archive.read(lambda store: store.get(article))
        except ConfigError:  # no archive yet
            return ""
        return web_address(found.enriched.article.image) if found else ""
