import pytest

from ingest.dates.days import Day, months, named_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14/03/2016", (2016, 3, 14)),
        ("03/14/2016", (2016, 3, 14)),
        ("03/03/2016", (2016, 3, 3)),
        ("04/03/2016", None),  # March or April?
        ("13/14/2016", None),
        ("14-Mar-2016", (2016, 3, 14)),
        ("14 Mar 68", (2068, 3, 14)),
        ("14 Mar 69", (1969, 3, 14)),
        ("14 Mar 9:30", None),
        ("1/14/3/2016", None),
        ("soon", None),
        ("01.21.2020", (2020, 1, 21)),  # as Americans write it; there is no month 21
        ("2020-21-01", None),
        ("04-03-2016", None),
        ("32/03/2016", None),
    ],
)
def test_the_day_that_a_text_names(text: str, day: Day | None) -> None:
    assert named_day(text) == day


def test_a_name_that_means_two_months_is_none() -> None:
    assert months()["march"] == months()["mars"] == months()["märz"] == 3
    assert "listopad" not in months()  # November in Polish, October in Croatian


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            [
                "March 4, 2016",
                "4th March 2016",
                "Fri 4 Mar 2016 10.00 GMT",
                "Mar. 4th, 2016",
                "4 March, 2016",
            ],
        ),
        (
            "es",
            [
                "viernes, 04 de Marzo de 2016",
                "4 de marzo del 2016",
                "4 de marzo 2016",
                "Viernes 04 marzo de 2016 | 01:10",
            ],
        ),
        ("fr", ["vendredi 4 mars 2016 à 10h00", "Publié le 4 mars 2016", "04/03/2016 à 18h"]),
        ("de", ["Freitag, 04. März 2016", "4. Mrz. 2016", "04.03.16", "4. Maerz 2016"]),
        ("pt", ["4 de março de 2016", "04 mar. 2016 às 10h30", "4/mar/2016", "postado em 04/03/2016 05:49"]),
        ("it", ["venerdì 4 marzo 2016", "4 Mar 2016", "04/03/2016 10:00", "4° marzo 2016"]),
        ("nl", ["vrijdag 4 maart 2016 om 10:00", "4 mrt. 2016", "04-03-2016"]),
        ("ru", ["4 марта 2016 г., 10:00", "04.03.2016 10:00", "4 МАРТА 2016", "4 мар. 2016 года"]),
        ("ar", ["الجمعة 4 مارس 2016", "٤ مارس ٢٠١٦", "4 آذار 2016", "4 مارس/آذار 2016", "٠٤/٠٣/٢٠١٦"]),
        ("uk", ["п'ятниця, 4 березня 2016, 10:00", "4 березня 2016 р.", "04.03.2016"]),
        ("pl", ["piątek, 4 marca 2016 r.", "4 mar 2016"]),
        ("tr", ["04 Mart 2016 Cuma", "4.03.2016"]),
        ("hu", ["2016. március 4.", "2016. 03. 04."]),
        ("he", ["4 במרץ 2016"]),
        ("hi", ["4 मार्च 2016"]),
        ("ko", ["2016년 3월 4일"]),
        ("zh", ["2016 年 3 月 4 日"]),
    ],
)
def test_days_as_the_press_of_a_language_writes_them(language: str, texts: list[str]) -> None:
    for text in texts:
        assert named_day(text, language) == (2016, 3, 4), text


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("4 كانون الثاني 2016", 1),
        ("4 يناير/كانون الثاني 2016", 1),
        ("4 شباط/فبراير 2016", 2),
        ("4 تشرين الأول 2016", 10),
        ("4 آب 2016", 8),
        ("4 جويلية 2016", 7),
        ("4 غشت 2016", 8),
        ("4. Jänner 2016", 1),
        ("4. Feber 2016", 2),
        ("4 Fév 2016", 2),
        ("4 aout 2016", 8),
        ("4 setiembre 2016", 9),
        ("4 मई 2016", 5),
        ("4 בפברואר 2016", 2),
    ],
)
def test_months_that_differ_from_land_to_land(text: str, month: int) -> None:
    assert named_day(text) == (2016, month, 4)


def test_the_language_tells_what_comes_first_where_nothing_else_does() -> None:
    assert named_day("04/03/2016", "es") == (2016, 3, 4)
    assert named_day("03/14/2016", "es") == (2016, 3, 14)  # there is no month 14
    for unknown in ("", "en", "zh"):
        assert named_day("04/03/2016", unknown) is None
