import lxml.html

from ingest.page.blocks import BIT, read_blocks


def blocks_of(body: str) -> list[str]:
    return [block.text for block in read_blocks(lxml.html.document_fromstring(f"<body>{body}</body>")).blocks]


def test_block_level_elements_and_line_breaks_separate_blocks() -> None:
    assert blocks_of("<div>One <b>bold</b> word<p>Two</p>three<br>four</div>") == [
        "One bold word",
        "Two",
        "three",
        "four",
    ]


def test_elements_without_text_are_left_out_but_not_what_follows_them() -> None:
    assert blocks_of("<p>a <script>var x</script>b <!-- c -->d<style>p {}</style></p>") == ["a b d"]


def test_invisible_characters_do_not_split_words() -> None:
    assert blocks_of("<p>Donau\u00addampf\u200bschiff</p><p>\u00ad</p>") == ["Donaudampfschiff"]


def test_readings_beside_japanese_words_are_left_out() -> None:
    assert blocks_of("<p><ruby>親<rt>おや</rt></ruby>の</p>") == ["親の"]


def test_characters_in_links_are_counted() -> None:
    found = read_blocks(
        lxml.html.document_fromstring("<body><p>See <a href=/>this</a></p><p>That</p></body>")
    )
    assert [block.linked for block in found.blocks] == [4, 0]
    body = next(container for container in found.containers if container.tag == "body")
    assert (body.chars, body.linked, body.blocks) == (12, 4, 2)


def test_names_around_a_block_are_its_signs_but_not_those_of_the_whole_page() -> None:
    tree = lxml.html.document_fromstring(
        "<body class=comments-open><article><div class=relatedPosts><p>x</p></div></article></body>"
    )
    found = read_blocks(tree)
    signs = found.containers[found.blocks[0].container].signs
    assert signs & BIT["article"]
    assert signs & BIT["teaser"]
    assert not signs & BIT["comment"]


def test_hidden_elements_are_known() -> None:
    found = read_blocks(
        lxml.html.document_fromstring('<body><div style="display: none"><p>x</p></div></body>')
    )
    assert found.containers[found.blocks[0].container].signs & BIT["hidden"]
