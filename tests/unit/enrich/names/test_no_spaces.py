"""The user's own names in scripts without spaces, where each letter is a token."""

import pytest

from enrich.names.entities import find_entities
from enrich.names.gazetteer import Gazetteer, load_gazetteer
from enrich.names.rules import by_rules
from query.match import prepare

OWN = (
    "name,type,id,aliases\n"
    "Viktor Volkov,person,x:1,沃尔科夫|Виктор Волков\nBeijing,place,x:2,北京\nTokyo,place,x:3,東京|トウキョウ\n"
    "Paris,place,x:4,パリ|ปารีส\nPhnom Penh,place,x:5,ភ្នំពេញ\nYangon,place,x:6,ရန်ကုန်\nVientiane,place,x:7,ວຽງຈັນ\n"
    "John Smith,person,x:8,约翰·史密斯|ジョン・スミス\nAgency,organisation,x:9,A社\n"
)


@pytest.fixture(scope="module")
def own() -> Gazetteer:
    return load_gazetteer([], [("own.csv", OWN.encode())])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "财政部指控沃尔科夫控制的公司", {"x:1": "沃尔科夫"}),
        ("zh", "他在北京说", {"x:2": "北京"}),
        ("zh", "財政部指控沃爾科夫控制的公司", {"x:1": "沃爾科夫"}),
        ("zh", "昨天，约翰·史密斯抵达北京。", {"x:8": "约翰·史密斯", "x:2": "北京"}),
        ("ja", "タイ 東京 です", {"x:3": "東京"}),
        ("ja", "首相は東京で語った。トウキョウの夏", {"x:3": "東京"}),
        ("ja", "ジョン・スミス氏はパリにいる", {"x:8": "ジョン・スミス", "x:4": "パリ"}),
        ("ja", "大手のA社が発表", {"x:9": "A社"}),
        ("th", "เขาเดินทางไปปารีสเมื่อวานนี้", {"x:4": "ปารีส"}),
        ("km", "គាត់ទៅភ្នំពេញនៅថ្ងៃនេះ", {"x:5": "ភ្នំពេញ"}),
        ("my", "သူရန်ကုန်သို့သွားသည်", {"x:6": "ရန်ကုန်"}),
        ("lo", "ລາວໄປວຽງຈັນມື້ນີ້", {"x:7": "ວຽງຈັນ"}),
        ("ja", "カンパリとパリパリの皮", {}),
        ("zh", "北 方 京 城", {}),
        ("zh", "北，京", {}),
        ("zh", "德米特里·沃尔科夫进球了", {}),
    ],
)
def test_own_names_are_found_as_sequences_of_characters(
    own: Gazetteer, language: str, text: str, expected: dict[str, str]
) -> None:
    found = find_entities(prepare("", text, {}), own, language, by_rules)
    assert {one.id: text[one.spans[0].start : one.spans[0].end] for one in found if one.id} == expected
