"""Articles and queries in which each word is spelt in one of several ways, at random: what they find is known beforehand."""

from collections.abc import Sequence
from random import Random

from integration.parity_corpus import NOON, article

from stream.messages import Enriched

# Each line: the spellings of one word. Words of a group are written by one outlet, and differ from one another.
GROUPS: dict[str, Sequence[str]] = {
    "ar": (
        "مَرَّاكُش مراكش مـراكش",
        "الدوري الدورى الدوری",
        "أنباء انباء إنباء ٱنباء",
        "مدرسة مدرسه",
        "القاهرة القاهره",
        "مسؤول مسوول",
        "٢٠٣١ 2031 ۲۰۳۱",
        "الحرب الحــرب",
    ),
    "fa": (
        "ایران ايران إيران",
        "کرد كرد ﻛﺮﺩ",
        "می‌خواهم میخواهم ميخواهم",
        "خانهٔ خانۀ خانه",
        "گفتگو گفتگــو",
        "۱۴۰۴ ١٤٠٤ 1404",
    ),
    "ur": (
        "پاکستان پاكستان",
        "ہندوستان هندوستان ھندوستان",
        "بھارت بهارت بہارت",
        "لڑکی لڑكي",
        "لڑکے لڑكے",
        "کراچی كراچي",
    ),
    "hi": (
        "हिन्दू हिंदू",
        "सम्बन्ध संबंध सम्बंध",
        "पाँच पांच",
        "सड़क सड\u093cक सडक",
        "ज़िला जिला",
        "अन्तरराष्ट्रीय अंतरराष्ट्रीय",
        "अन्य",
        "२०२५ 2025",
    ),
    "ru": ("ёжик ежик ЁЖИК е\u0308жик", "мир МИР", "всё все Всё", "объезд Объезд"),
    "uk": ("п'ять п’ять пʼять п`ять", "мір МІР", "об’єкт об'єкт обʼєкт", "їжак ЇЖАК"),
    "zh": ("臺灣 台灣 台湾", "習近平 习近平", "烏克蘭 乌克兰", "２０３０ 2030", "歐盟 欧盟"),
    "ja": ("ﾆｭｰﾖｰｸ ニューヨーク", "ｷﾞﾘｼｬ ギリシャ", "ＥＵ EU eu", "かな"),
    "th": ("๒๕๖๗ 2567", "ทหาร", "กรุงเก่า"),
    "en": (
        "ＱＵＩＬＭＯＲ quilmor Quilmor’s QUÍLMOR",
        "ﬁnch finch",
        "quilmors Quilmórs",
        "quilmor2 QUILMOR２",
    ),
}
WORDS = {language: [line.split() for line in lines] for language, lines in GROUPS.items()}
ARTICLES, LENGTH = 12, 4
"""Of each language, and words of each."""


def scripted(seed: int) -> tuple[list[Enriched], dict[str, frozenset[str]]]:
    """The articles; and queries, each with the keys of the articles that have its words in any spelling."""
    random = Random(seed)
    articles, queries = [], {}
    for language, words in WORDS.items():
        held: dict[str, list[int]] = {}
        for number in range(ARTICLES):
            told = random.choices(range(len(words)), k=LENGTH)
            spelt = [random.choice(words[word]) for word in told]
            made = article(f"https://spelt.example/{language}/{number}", spelt[0], " ; ".join(spelt))
            one = Enriched(article=made, language="unknown", topics=(), entities=(), enriched=NOON)
            articles.append(one)
            held[one.key] = told
        for query, asked in _asked(words, random):
            limited = f"url:spelt.example/{language} ({query})"
            queries[limited] = frozenset(key for key, told in held.items() if _meets(told, asked))
    return articles, queries


Asked = tuple[tuple[int, ...], ...]
"""Alternatives; of each, the words that stand side by side."""


def _asked(words: Sequence[Sequence[str]], random: Random) -> list[tuple[str, Asked]]:
    """Each spelling of each word, as a word and as a phrase with another one, and alternatives."""
    asked: list[tuple[str, Asked]] = []
    for word, spellings in enumerate(words):
        for spelling in spellings:
            other = random.randrange(len(words))
            second = random.choice(words[other])
            asked.append((f'"{spelling}"', ((word,),)))
            asked.append((f'"{spelling} {second}"', ((word, other),)))
            asked.append((f'title:"{second}" OR "{spelling}"', ((other, -1), (word,))))
    return asked


def _meets(told: Sequence[int], asked: Asked) -> bool:
    return any(_stands(told, one) for one in asked)


def _stands(told: Sequence[int], one: tuple[int, ...]) -> bool:
    if one[-1] == -1:
        return told[0] == one[0]
    return any(tuple(told[at : at + len(one)]) == one for at in range(len(told)))
