"""Makes a small picture of one that a stranger sent. It belongs in a worker process: decoders are native code.

Only raster formats are decoded; SVG is a document with scripts and links, and is refused with all else. What is handed out is
always a new WebP file of ours: no metadata, comments, colour profiles or appended data of the original are in it.
"""

import warnings
from collections.abc import Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageOps

from stream.errors import Reject
from web.images.services import Size

BOXES: Final[Mapping[Size, tuple[int, int]]] = MappingProxyType({"small": (240, 160), "large": (1440, 960)})
"""Width and height in pixels that a picture fits into: twice what the page shows, for dense screens. A small one is cut to
fill it."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS: Final = 24_000_000
"""Of the original: a camera's. Decoded, with transparency, these take 96 MB."""
LONGEST_SIDE: Final = 16_000
SHORTEST_SIDE: Final = 48
"""What is smaller is a spacer, an icon or a tracking pixel."""
_QUALITY: Final = 78


def shrink(data: bytes, size: Size) -> bytes:
    """A picture as WebP of at most the size's box.

    Args:
        data: the original, as it was fetched.
        size: which box.

    Raises Reject: `no-image` for what is none that can be read, `image-too-large` or `image-too-small` for its pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # the bounds on pixels below are ours; damaged metadata is not read
            return _shrunk(data, size)
    except (Reject, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Reject(
            "image-too-large", f"it has more than the {MOST_PIXELS:,} pixels that are read"
        ) from None
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever they stumble over
        raise Reject(
            "no-image", f"it can't be read as JPEG, PNG, WebP or GIF: {type(error).__name__}"
        ) from None


def _shrunk(data: bytes, size: Size) -> bytes:
    box = BOXES[size]
    with Image.open(BytesIO(data), formats=FORMATS) as original:
        _check(*original.size)
        original.draft("RGB", box)  # a JPEG is decoded at a fraction of its size where that is enough
        upright = ImageOps.exif_transpose(original)
        fitted = _fitted(_opaque(upright), size)
    out = BytesIO()
    fitted.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


def _check(width: int, height: int) -> None:
    shown = f"{width} x {height} pixels"
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Reject("image-too-large", f"it has {shown}; at most {MOST_PIXELS:,} are read")
    if min(width, height) < SHORTEST_SIDE:
        raise Reject("image-too-small", f"it has {shown}, which is no picture of anything")


def _opaque(picture: Image.Image) -> Image.Image:
    """The first frame on white, as a new image that carries nothing else of the file."""
    layer = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    plain = Image.new("RGB", layer.size, "white")
    plain.paste(layer, mask=layer if layer.mode == "RGBA" else None)
    return plain


def _fitted(picture: Image.Image, size: Size) -> Image.Image:
    if size == "small":
        return ImageOps.fit(picture, BOXES[size], centering=(0.5, 0.35))  # faces are above the middle
    picture.thumbnail(BOXES[size])
    return picture
