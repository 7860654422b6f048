import encodings
from encodings.aliases import aliases
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.languages import SAMPLES

from ingest.page import charsets
from ingest.page.charsets import decode

RUSSIAN = "Президент объявил о выводе войск, заявив, что цели операции достигнуты."
ARABIC = "أعلن الرئيس سحب القوات من البلاد بعد تحقيق أهدافها."
POLISH = "Prezydent ogłosił, że wojska zostaną wycofane, a rozmowy będą kontynuowane."
CHINESE = "总统星期一宣布，他已下令军队开始撤出，谈判将继续进行。"


def page(text: str, lang: str = "") -> str:
    return f"<html lang='{lang}'><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("codec", "text", "lang"),
    [
        ("cp1251", RUSSIAN, ""),
        ("koi8_r", RUSSIAN, "ru"),
        ("cp1256", ARABIC, ""),
        ("gb18030", CHINESE, ""),
        ("cp1250", POLISH, "pl"),
        ("iso8859_2", POLISH, "pl"),
        ("cp1252", "“El señor presidente” anunció que la reunión continuará mañana.", ""),
        ("cp1254", "Cumhurbaşkanı görüşmelerin süreceğini söyledi; şimdi çağrı bekleniyor.", "tr"),
    ],
)
def test_undeclared_charset_is_found(codec: str, text: str, lang: str) -> None:
    body = page(text, lang)
    assert decode(body.encode(codec), "utf-8") == body
    assert decode(body.encode(codec), "") == body


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
def test_declared_charset_is_used_if_it_fits(codec: str) -> None:
    assert RUSSIAN in decode(page(RUSSIAN).encode(codec), codec)
    assert RUSSIAN in decode(b"<meta charset=" + codec.encode() + b">" + page(RUSSIAN).encode(codec), "")


def test_valid_utf8_wins_over_what_is_declared() -> None:
    assert decode(page(POLISH).encode(), "iso-8859-1") == page(POLISH)


def test_byte_order_mark_wins() -> None:
    assert decode(page(RUSSIAN).encode("utf-16"), "utf-8") == page(RUSSIAN)
    assert decode(page(RUSSIAN).encode("utf-8-sig"), "cp1251") == page(RUSSIAN)


def test_escape_charset_is_not_taken_for_ascii() -> None:
    assert (
        decode("会談は月曜日に再開した。".encode("iso2022_jp"), "iso-2022-jp") == "会談は月曜日に再開した。"
    )


def test_utf8_cut_inside_a_letter_stays_utf8() -> None:
    assert decode(page(RUSSIAN * 3).encode()[:-30] + b"\xd0", "").startswith(page(RUSSIAN)[:40])


# Python's codecs of these names read text as something else, decode endlessly, or are not for text at all.
NO_CHARSETS = [
    *(
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "unicode-escape",
        "undefined",
        "charmap",
        "utf-7",
        "utf_8_sig",
    ),
    *(
        "zlib",
        "zlib_codec",
        "zip",
        "bz2",
        "hex",
        "base64",
        "base64_codec",
        "quopri",
        "uu",
        "uu_codec",
        "rot13",
        "rot_13",
    ),
    *(
        "utf-32",
        "cp037",
        "cp500",
        "ebcdic-cp-be",
        "hz",
        "iso2022_kr",
        "iso2022_jp_2",
        "mbcs",
        "oem",
        "cp65001",
        "aliases",
    ),
    *("../../etc/passwd", "os.path", "\x00", "utf\x008", "ｕｔｆ-16", "", " ", "x" * 100_000),
]
ESCAPES = b"caf\xc3\xa9 \\u0041 \\x41 +AEE- xn--mnchen-3ya =41 ~{<:Ky2;~} \x1b$)C"


@pytest.mark.parametrize("label", NO_CHARSETS)
def test_a_codec_that_is_not_a_charset_of_the_web_is_never_used(label: str) -> None:
    assert decode(ESCAPES, label) == ESCAPES.decode()
    assert decode(b"\xe9 " + ESCAPES[5:], label) == "\xe9 " + ESCAPES[5:].decode()
    in_page = b"<meta charset='" + label.encode()[:50] + b"'>" + ESCAPES
    assert decode(in_page, label) == in_page.decode()


def test_every_codec_that_python_has_is_a_charset_of_the_web_or_is_never_used() -> None:
    labels = {*aliases, *aliases.values(), *(module.name for module in iter_modules(encodings.__path__))}
    assert {charsets._codec(label) for label in labels} - {""} <= charsets._CHARSETS


def test_strange_labels_are_not_remembered() -> None:
    before = set(encodings._cache)  # type: ignore[attr-defined]  # where codecs.lookup keeps them
    for number in range(50):
        decode(b"<meta charset=strange-%d>\xe9" % number, f"odd-{number}")
    assert not {name for name in set(encodings._cache) - before if "odd" in name or "strange" in name}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("windows-874", "รัฐบาล"),
        ("x-sjis", "会談"),
        ("x-gbk", "谈判"),
        ("iso-8859-8-i", "שלום"),
        ("ISO_8859-1", "“naïve”"),
        (" Latin1 ", "“naïve”"),
        ("KOI8-R", "Мир"),
        ("ks_c_5601-1987", "회담"),
    ],
)
def test_labels_mean_what_they_mean_to_browsers(label: str, text: str) -> None:
    assert decode(text.encode(charsets._codec(label)), label) == text


def test_a_page_whose_server_calls_it_utf_16_in_ascii_is_not() -> None:
    assert decode(page(RUSSIAN).encode(), "utf-16") == page(RUSSIAN)
    assert decode(page(RUSSIAN).encode("utf-16-le"), "utf-16-le") == page(RUSSIAN)


def test_a_page_that_calls_itself_utf_16_in_ascii_is_not() -> None:
    assert decode(b"<meta charset=utf-16>abc", "") == "<meta charset=utf-16>abc"


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "hex", "shift_jis", "\x00", "x" * 99]))
def test_any_bytes_give_some_text(body: bytes, declared: str) -> None:
    assert isinstance(decode(body, declared), str)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300).filter(
        lambda t: not t.startswith("\ufeff")
    )
)
def test_utf8_is_read_as_it_was_written(text: str) -> None:
    assert decode(text.encode(), "utf-8") == text


def test_detection_looks_at_no_more_of_a_large_page_than_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def detect(sample: bytes) -> str:
        looked_at.append(sample)
        return "windows-1252"

    monkeypatch.setattr(charsets, "detect", detect)
    assert decode(b"a" * 4_000_000 + b"\xe9\xff\xe9 " * 100_000, "").startswith("aaa")
    (sample,) = looked_at
    assert len(sample) <= 65_536
    assert b"\xe9" in sample, "what is not ASCII decides"


@pytest.mark.parametrize(
    ("language", "charset"),
    [(language, one) for language, sample in SAMPLES.items() for one in sample.charsets],
)
@pytest.mark.parametrize("length", [60, 1_000])
def test_an_undeclared_charset_is_found_by_the_text(language: str, charset: str, length: int) -> None:
    body = SAMPLES[language].text[:length].encode(charset, "replace")
    assert decode(b"<rss><channel><title>" + body + b"</title></channel></rss>", "") == (
        f"<rss><channel><title>{body.decode(charset)}</title></channel></rss>"
    )
