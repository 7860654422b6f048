"""The whole text is read from pages of the demo's outlets, in all looks and languages, and in scripts without spaces."""

import lxml.html
import msgspec
import pytest

from demo.pages import render_article
from demo.world import Article, Look, Outlet, bundled
from ingest.page.extract import page_tree
from ingest.page.main_text import main_text
from ingest.page.metadata import read_metadata

WORLD = bundled()
LOOKS: tuple[Look, ...] = ("agency", "blog", "broadsheet", "local", "magazine", "portal")
URL = "https://news.example/a"


def first_of(outlet: Outlet) -> Article:
    return next(one for one in WORLD.articles if one.outlet.host == outlet.host and not one.fault)


def read(html: str) -> str:
    tree = page_tree(html, URL)
    told = read_metadata(tree, URL, "")
    return main_text(tree, URL, told.title.text, told.summary).text


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("outlet", WORLD.outlets, ids=lambda outlet: outlet.host)
def test_every_paragraph_is_read_and_no_furniture(outlet: Outlet, look: Look) -> None:
    article = first_of(outlet)
    shown = msgspec.structs.replace(
        article, outlet=msgspec.structs.replace(outlet, look=look, charset="utf-8")
    )
    text = read(render_article(WORLD, shown, WORLD.articles[:20], 80).decode())
    assert [block.text for block in article.blocks if block.text not in text] == []
    labels = WORLD.labels[outlet.language]
    furniture = (
        labels.newsletter_pitch,
        labels.cookies,
        labels.comment_teaser,
        labels.footer,
        labels.related,
    )
    assert [line for line in furniture if line in text] == []


CHINESE = [
    "外交部发言人星期三表示，代表团将于下周前往该国首都，与各方举行新一轮会谈。",
    "他说，会谈将讨论停火的监督办法，以及向被围困地区运送粮食和药品的安排。",
    "当地居民说，过去两天城里比较平静，商店重新开门，但许多家庭仍然没有电和自来水。",
    "联合国官员警告，如果道路不能在冬天之前开放，数万人将面临食物短缺。",
]
THAI = [
    "โฆษกกระทรวงการต่างประเทศแถลงเมื่อวันพุธว่าคณะผู้แทนจะเดินทางไปยังเมืองหลวงในสัปดาห์หน้าเพื่อเจรจารอบใหม่กับทุกฝ่าย",
    "เขากล่าวว่าการเจรจาจะหารือเรื่องการตรวจสอบการหยุดยิงและการส่งอาหารกับยาไปยังพื้นที่ที่ถูกปิดล้อม",
    "ชาวบ้านบอกว่าในช่วงสองวันที่ผ่านมาเมืองค่อนข้างสงบร้านค้าเปิดอีกครั้งแต่หลายครอบครัวยังไม่มีไฟฟ้าและน้ำประปา",
    "เจ้าหน้าที่สหประชาชาติเตือนว่าหากถนนไม่เปิดก่อนฤดูหนาวผู้คนหลายหมื่นคนจะขาดแคลนอาหาร",
]
JAPANESE = [
    "外務省の報道官は水曜日、代表団が来週首都を訪れ、各勢力と新たな協議を行うと発表した。",
    "協議では停戦の監視方法と、包囲された地域への食料や医薬品の輸送について話し合うという。",
    "住民によると、この二日間は比較的静かで商店も再開したが、多くの家庭では電気も水道も止まったままだ。",
    "国連の担当者は、冬までに道路が通れなければ数万人が食料不足に陥ると警告している。",
]


@pytest.mark.parametrize("paragraphs", [CHINESE, THAI, JAPANESE], ids=["Chinese", "Thai", "Japanese"])
@pytest.mark.parametrize("tag", ["p", "div"])
def test_articles_in_scripts_without_spaces_are_read_whole(paragraphs: list[str], tag: str) -> None:
    menu = "".join(f"<li><a href=/{n}>{text[:4]}</a></li>" for n, text in enumerate(paragraphs * 3))
    body = "".join(f"<{tag}>{text}</{tag}>" for text in paragraphs)
    footer = f"<div class=site-bottom><span>© {paragraphs[0][:6]}</span></div>"
    text = read(
        f"<html><head><title>{paragraphs[0][:10]}</title></head><body><ul>{menu}</ul>"
        f"<h1>{paragraphs[0][:10]}</h1><div class=text>{body}</div>{footer}</body></html>"
    )
    assert text.split("\n") == paragraphs


def test_a_consent_box_beside_an_article_is_not_added() -> None:
    ask = "We and our 812 partners store and access information on a device, such as cookies, and process personal data."
    body = "".join(
        f"<p>The envoy met delegation {n} on Monday, and reported to the council after that.</p>"
        for n in range(5)
    )
    page = f"<html><body><article><h1>Talks</h1>{body}</article><div id=cmp-box><p>{ask}</p><p>{ask}</p></div></body></html>"
    text = main_text(lxml.html.document_fromstring(page), URL, "Talks", "").text
    assert len(text.split("\n")) == 5
    assert ask not in text
