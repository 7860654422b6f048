"""Pictures of strangers, made small."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from stream.errors import Reject
from web.images.services import SIZES, Size
from web.images.shrink import BOXES, MOST_PIXELS, shrink


def picture(
    mode: str = "RGB", size: tuple[int, int] = (600, 400), form: str = "PNG", **options: object
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 1 if mode == "1" else None).save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(data))
    made.load()
    return made


def empty_png(width: int, height: int) -> bytes:
    """A PNG that says that it is large, in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", SIZES)
def test_what_comes_out_is_webp_within_the_box(form: str, size: Size) -> None:
    made = opened(shrink(picture(size=(3000, 2000), form=form), size))
    assert (made.format, made.mode) == ("WEBP", "RGB")
    assert made.size == BOXES[size]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    assert opened(shrink(picture(mode), "small")).size == BOXES["small"]


def test_a_small_picture_is_not_made_larger() -> None:
    assert opened(shrink(picture(size=(300, 200)), "large")).size == (300, 200)


def test_what_is_transparent_is_shown_on_white() -> None:
    made = opened(shrink(picture("RGBA", (300, 200)), "large"))
    assert made.getpixel((10, 10)) == (255, 255, 255)


def test_a_picture_stands_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # by a quarter
    assert opened(shrink(picture(size=(300, 200), form="JPEG", exif=turned), "large")).size == (200, 300)


def test_nothing_but_pixels_of_the_original_is_in_it() -> None:
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", "<script>alert(1)</script>")
    data = picture(pnginfo=noted, icc_profile=b"PROFILE" * 10) + b"<script>APPENDED</script>"
    made = shrink(data, "large")
    assert not any(part in made for part in (b"script", b"PROFILE", b"APPENDED"))
    assert "icc_profile" not in opened(made).info


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (200, 100), color) for color in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    made = opened(shrink(out.getvalue(), "large"))
    red, _, blue = made.getpixel((5, 5))  # type: ignore[misc]  # of a picture in RGB
    assert (getattr(made, "n_frames", 1), red > 200, blue < 60) == (1, True, True)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "no-image"),
        (b"<html>", "no-image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "no-image"),
        (picture(form="BMP"), "no-image"),
        (picture(form="TIFF"), "no-image"),
        (picture(form="JPEG")[:300], "no-image"),
        (empty_png(600, 400), "no-image"),
        (empty_png(100_000, 100_000), "image-too-large"),
        (empty_png(MOST_PIXELS // 4_000 + 1, 4_000), "image-too-large"),
        (empty_png(20_000, 50), "image-too-large"),
        (picture(size=(1, 1)), "image-too-small"),
        (picture(size=(600, 20)), "image-too-small"),
    ],
    ids=[
        "nothing",
        "html",
        "svg",
        "bmp",
        "tiff",
        "cut-off",
        "short-of-pixels",
        "bomb",
        "many-pixels",
        "long",
        "dot",
        "line",
    ],
)
def test_anything_but_a_picture_is_refused(data: bytes, kind: str) -> None:
    with pytest.raises(Reject) as raised:
        shrink(data, "small")
    assert raised.value.kind == kind
