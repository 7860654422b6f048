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
    ],
)
def test_the_day_that_a_text_names(text: str, day: Day | None) -> None:
    assert named_day(text) == day


def test_a_name_that_means_two_months_is_none() -> None:
    assert months()["march"] == months()["mars"] == months()["märz"] == 3
    assert "listopad" not in months()  # November in Polish, October in Croatian
