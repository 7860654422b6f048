"""Articles and queries on which engines easily disagree, each query with the names of what it finds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from integration.parity_corpus import NOON, article

from stream.messages import Enriched, Entity, TopicTag

MARCH = datetime(2016, 3, 14, 12, tzinfo=UTC)


def hard(
    name: str,
    title: str,
    text: str,
    *,
    language: str = "en",
    topics: Sequence[str] = (),
    entities: Sequence[str] = (),
    **fields: Any,
) -> Enriched:
    made = article(f"https://www.hard.example/news/{name}", title, text, **fields)
    return Enriched(
        article=made,
        language=language,
        topics=tuple(TopicTag(topic=topic, name=topic, clause=topic, spans=()) for topic in topics),
        entities=tuple(Entity(name=entity, type="place", spans=()) for entity in entities),
        enriched=NOON,
    )


HARD = [
    hard("possessive", "Quorvan’s peace-talks", "The U.S. said Quorvan's envoy won’t go.", published=MARCH),
    hard("plain", "Peace talks", "quorvans met; states' rights and rock'n'roll.", source="Été 1"),
    hard(
        "accents", "Zoë Łukaszyński à Köln", "Straße, İstanbul, Ægir, naïve cafe\u0301 vraxé", language="fr"
    ),
    hard("chinese", "北京中国新闻", "中国国家主席在北京会见美国客人。", language="zh", topics=["zz-china"]),
    hard("japanese", "ニュース", "ｶﾞﾗｽの東京タワー、かな", language="ja"),
    hard("thai", "ข่าว", "กำลังทหารในกรุงเทพ", language="th"),
    hard("hindi", "हिन्दी संदेश", "भारत में चुनाव हुआ।", language="hi"),
    hard("arabic", "مُحَمَّد في دمشق", "أخبار سوريــا اليوم", language="ar"),
    hard("hebrew", "שָׁלוֹם עולם", "חדשות", language="he"),
    hard("korean", "한국어 뉴스", "서울에서 회의", language="ko"),
    hard("russian", "Ёлка в Звяжске", "Переговоры идут, Звяжск ждёт", language="ru", published=MARCH),
    hard("signs", "C++ and AT&T: 3.5% of $5bn", "snake_case @vraxbot #vraxtag a/b 9/11", author="Ann O’Vrax"),
    hard("far", "alphax one two three four five betax", "betax alphax alphax", topics=["zz-peace-talks"]),
    hard(
        "mid", "nothing", "alphax one two betax six gammax. alphax.", topics=["zz-peace"], entities=["U.S."]
    ),
    hard("order", "gammax betax alphax", "deltax " * 3, entities=["Quorvan Free State"]),
    hard("wild", "vraxan vraxen vraxon", "vraxs vraxxing unvraxed vrax", published=MARCH.replace(day=15)),
    hard("long", "z" * 300, "y" * 255 + " " + "q" * 100, published=MARCH.replace(microsecond=1)),
    hard("old", "Sputnik vraxik", "Before 1970", published=datetime(1957, 10, 4, 19, 28, 34, tzinfo=UTC)),
    hard("emoji", "😀 vrax😀emoji", "zero\u200bvrax co\u00advraxed ½ ﬁnvrax Ｖｒａｘｆｕｌｌ", author="…"),
    hard("empty", "", "", source="…"),
]

# What each finds among HARD; words are made up where the rest of the corpus might have them too.
QUERIES: dict[str, str] = {
    # words: case, accents, apostrophes, joints
    "QUORVAN": "possessive",
    "quorvan's": "possessive",
    "Quorvan’s AND envoy": "possessive",
    "quorvans": "plain",
    "url:hard rock'n'roll": "plain",
    'url:hard "won t"': "possessive",
    'url:hard title:"peace talks"': "plain possessive",
    "url:hard title:peace-talks": "plain possessive",
    "url:hard U.S.": "possessive",
    "url:hard us": "",
    "url:hard strasse": "accents",
    "url:hard STRASSE istanbul aegir": "accents",
    "title:(zoe lukaszynski koln)": "accents",
    "vraxe": "accents",
    "url:hard naive café": "accents",
    "elka zvyazhske": "",
    "елка AND звяжск": "russian",
    "ЁЛКА": "russian",
    # scripts without spaces, marks
    "中国": "chinese",
    "url:hard 国中": "",
    '"国家主席"': "chinese",
    "中国*": "chinese",
    "title:中国 text:北京": "chinese",
    '"北京 美国"~3': "chinese",
    '"北京 美国"~1': "",
    "ガラス": "japanese",
    "東京タワー": "japanese",
    "กรุงเทพ": "thai",
    "กำลัง": "thai",
    "हिन्दी": "hindi",
    "चुनाव OR 서울에서": "hindi korean",
    "한국어": "korean",
    "한국*": "korean",
    "محمد دمشق": "arabic",
    "url:hard سوريا": "arabic",
    "שלום": "hebrew",
    # signs
    'url:hard "at t"': "signs",
    "url:hard AT&T": "signs",
    "url:hard 3.5": "signs",
    'url:hard "9/11"': "signs",
    r"url:hard 9\/11": "signs",
    r"url:hard c\+\+": "signs",
    "vraxbot vraxtag": "signs",
    "url:hard snake_case": "signs",
    "emoji vrax": "emoji",
    "zero-vrax": "emoji",
    "covraxed finvrax vraxfull": "emoji",
    "url:hard ½": "emoji",
    # proximity
    "alphax": "far mid order",
    '"alphax betax"': "",
    '"betax alphax"': "far order",
    '"alphax betax"~1': "far order",
    '"alphax betax"~2': "far mid order",
    'title:"alphax betax"~4': "order",
    'title:"betax alphax"~5': "far order",
    '"alphax alphax"~1': "far",
    '"alphax alphax"~4': "far",
    '"alphax alphax"~5': "far mid",
    '"alphax betax alphax"~1': "far",
    'title:"gammax alphax betax"~1': "order",
    '"gammax alphax betax"~1': "mid order",
    '"gammax alphax betax"~2': "mid order",
    '"gammax alphax betax"~99': "mid order",
    '"deltax deltax deltax"~1': "order",
    '"deltax deltax deltax deltax"~9': "",
    '"quorvan envoy"~0': "possessive",
    # wildcards
    "vraxa*": "wild",
    "vrax?n": "wild",
    "vrax? -lang:fr": "wild",
    "*vraxed": "emoji wild",
    "*vrax?d": "emoji wild",
    "un*xe?": "wild",
    "url:hard v*x": "emoji wild",
    "vrax*": "accents emoji old signs wild",
    "?rax": "emoji wild",
    "zzzzz*": "long",
    "z*zzz?": "long",
    "ел?а": "russian",
    "É?E source:été*": "",
    # fields
    'source:"été 1"': "plain",
    "source:ÉTÉ-1": "plain",
    "source:ete": "",
    "source:?te*": "plain",
    "lang:zh OR lang:ja": "chinese japanese",
    "lang:(zh OR th)": "chinese thai",
    "topic:zz-peace": "mid",
    "topic:zz-peace*": "far mid",
    'topic:"ZZ Peace Talks"': "far",
    "topic:*talks topic:zz*": "far",
    'entity:"u s"': "mid",
    "entity:U.S.": "mid",
    "entity:kingdom": "",
    "entity:quorvan*": "order",
    "author:o'vrax": "signs",
    "author:(ann vrax)": "signs",
    'author:"vrax ann"': "",
    "url:hard.example/news/thai": "thai",
    r"url:https\://www.hard.example/news/thai": "thai",
    # times
    "url:hard published:2016-03-14": "long possessive russian",
    "url:hard published:[2016-03-14 TO 2016-03-15]": "long possessive russian wild",
    "url:hard published:[2016-03-14 TO 2016-03-15}": "long possessive russian",
    "url:hard published:[2016-03-14T12:00 TO 2016-03-14T12:00:00]": "long possessive russian",
    "url:hard published:{2016-03-14T12:00:00.000000 TO 2016]": "long wild",
    "url:hard published:>2016-03-14": "wild",
    "url:hard published:<1970": "old",
    "url:hard published:[* TO 1957-10-04T19:28:34}": "",
    "url:hard published:*": "long old possessive russian wild",
    "url:hard published:(2016-03 -2016-03-15)": "long possessive russian",
    # operators
    "quorvan OR alphax AND gammax": "mid order possessive",
    "(quorvan OR alphax) AND gammax": "mid order",
    "alphax NOT gammax": "far",
    "alphax -gammax": "far",
    "alphax !gammax": "far",
    "+alphax -gammax": "far",
    "alphax && !(gammax || betax)": "",
    "alphax AND NOT NOT gammax": "mid order",
    "url:hard AND (alphax OR NOT published:*) AND NOT lang:en": (
        "accents arabic chinese hebrew hindi japanese korean thai"
    ),
    "url:hard NOT (title:* OR NOT lang:en)".replace("title:*", "lang:fr"): (
        "emoji empty far long mid old order plain possessive signs wild"
    ),
    "alphax^5 AND (betax^0.1 OR gammax)^2": "far mid order",
    "url:hard source:x OR quorvans": "plain",
}
