"""Spellings of one word are one term, and no others are: query/spellings.py, as tokens.py uses it."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.spellings import letter, respelt
from query.tokens import terms

SAME = {
    "vowels": "مَرَّاكُش مراكش",
    "alef": "أخبار إخبار آخبار ٱخبار اخبار",
    "hamza": "مسؤول مسوول",
    "tatweel": "شـابوص شابوص",
    "ZWNJ": "می‌خواهم میخواهم ميخواهم",
    "final yeh": "الدورى الدوري الدوری",
    "Persian yeh": "ایران ايران إيران",
    "Persian kaf": "کرد كرد ﻛﺮد",
    "teh marbuta": "مدرسة مدرسه مدرسۃ",
    "heh with hamza": "خانۀ خانهٔ خانه",
    "Urdu heh": "ہندوستان هندوستان ھندوستان",
    "Kurdish": "ئەمە ئه‌مه‌",
    "digits": "٢٠٢٦ ۲۰۲۶ २०२६ ２０２６ ๒๐๒๖ 2026",
    "anusvara": "हिन्दी हिंदी",
    "anusvara of p": "सम्बन्ध संबंध सम्बंध",
    "anusvara of each row": "पंचांग पञ्चाङ्ग",
    "anusvara of loan words": "इन्टरनेट इंटरनेट",
    "anusvara before a sibilant": "एजेन्सी एजेंसी",
    "candrabindu": "पाँच पांच",
    "nukta": "सड़क सड\u093cक सडक",
    "nukta left out": "ज़िला जिला",
    "Gujarati": "હિન્દુ હિંદુ",
    "yo": "ёлка елка ЁЛКА е\u0308лка",
    "Ukrainian apostrophe": "п'ять п’ять пʼять п`ять",
    "traditional": "臺灣 台灣 台湾",
    "names in Chinese": "習近平 习近平",
    "many to one": "頭髮發後 头发发后",
    "full width": "ＮＡＴＯ２ NATO2 nato2",
    "half-width kana": "ｶﾞﾗｽ ガラス",
}
DIFFERENT = {
    "girl, boys": "لڑکی لڑکے",
    "Arabic kaf, gaf": "كار گار",
    "emphatic": "سلام صلام",
    "vowel length": "दिन दीन",
    "that, of": "कि की",
    "dead nasal before a nasal": "अन्न अंन",
    "dead nasal before a semivowel": "अन्य अंय",
    "another nasal": "जन्म जंम",
    "Marathi sea, valleys": "दर्या दऱ्या",
    "Bengali letters that differ by a nukta": "হয় হয",
    "hiragana, katakana": "か カ",
    "Ukrainian i, Russian i": "мир мір",
    "ge with upturn": "грати ґрати",
    "simplified in Japan alone": "沢 泽",
    "umlaut written out": "Müller Mueller",
    "o and zero": "NATO NAT0",
    "double letter": "Philipines Philippines",
    "dental and retroflex": "दाल डाल",
}


@pytest.mark.parametrize("spellings", SAME.values(), ids=SAME)
def test_spellings_of_one_word_are_one(spellings: str) -> None:
    found = {tuple(terms(spelling)) for spelling in spellings.split()}
    assert len(found) == 1


@pytest.mark.parametrize("words", DIFFERENT.values(), ids=DIFFERENT)
def test_other_words_stay_distinct(words: str) -> None:
    assert len({tuple(terms(word)) for word in words.split()}) == len(words.split())


def test_only_letters_of_some_scripts_and_digits_are_changed() -> None:
    changed = {
        unicodedata.name(char).split(" ")[0]
        for code in range(sys.maxunicode + 1)
        if letter(char := chr(code)) != char and unicodedata.decimal(char, None) is None
    }
    assert changed == {"ARABIC", "DEVANAGARI", "GUJARATI", "CJK"}


@given(st.text(st.characters(max_codepoint=0x058F)))
def test_no_word_of_latin_greek_or_cyrillic_letters_is_changed(word: str) -> None:
    assert respelt(word) == word
    assert "".join(map(letter, word)) == word


def test_digits_are_those_of_unicode() -> None:
    codes = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Nd"]
    assert all(terms(chr(code)) == [str(unicodedata.decimal(chr(code)))] for code in codes)


HINDI = "कखगङचजञटडणतदनपबमयरलवशसह" + "\u0901\u0902\u093c\u094d\u093e\u0940\u200d" + "क़ज़ड़ऩऱ" + "હિનદ્ં"


@given(st.text(HINDI, max_size=12))
def test_a_term_of_indic_letters_tokenised_again_is_itself(text: str) -> None:
    for term in terms(text):
        assert terms(term) == [term]
        assert unicodedata.is_normalized("NFC", term)


@given(st.text("اأإآٱىيیئكکةهہھەۀۃۂوؤءـ\u0654\u0653\u0670\u200c٢۲2", max_size=12))
def test_a_term_of_arabic_letters_tokenised_again_is_itself(text: str) -> None:
    for term in terms(text):
        assert terms(term) == [term]


def test_the_chinese_table_has_single_letters_and_no_chains() -> None:
    han = [char for code in range(0x3400, 0xFB00) if letter(char := chr(code)) != char and code >= 0x3400]
    han = [char for char in han if unicodedata.name(char).startswith("CJK")]
    assert len(han) > 2_500
    assert all(len(letter(char)) == 1 and letter(letter(char)) == letter(char) for char in han)
