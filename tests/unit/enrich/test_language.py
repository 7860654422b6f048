import pytest

from enrich.language import UNKNOWN, detect


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The peace talks in Geneva were suspended until Friday, the envoy said."),
        ("de", "Die Gespräche in Genf wurden bis Freitag unterbrochen, sagte der Gesandte."),
        ("fr", "Les pourparlers de Genève ont été suspendus jusqu'à vendredi, a dit l'émissaire."),
        ("es", "Las conversaciones de Ginebra se suspendieron hasta el viernes, dijo el enviado."),
        ("ru", "Переговоры в Женеве приостановлены до пятницы, сообщил посланник."),
        ("uk", "Переговори у Женеві призупинено до п’ятниці, повідомив посланник."),
        ("ar", "تم تعليق المحادثات في جنيف حتى يوم الجمعة، حسبما قال المبعوث."),
        ("zh", "特使表示，日内瓦会谈暂停至星期五。"),
    ],
)
def test_sentence_is_known_whatever_is_declared(language: str, text: str) -> None:
    assert detect(text) == language
    assert detect(text, "is") == language


@pytest.mark.parametrize("text", ["", "12345 67", "...", "\n"])
def test_text_without_letters_is_unknown(text: str) -> None:
    assert detect(text, "en") == UNKNOWN


def test_declared_language_helps_if_detection_is_unsure() -> None:
    assert detect("BBC News") == UNKNOWN
    assert detect("BBC News", "en") == "en"
    assert detect("Rusia anuncia la retirada de Siria", "es") == "es"


def test_impossible_declared_language_is_ignored() -> None:
    assert detect("BBC News", "ar") == UNKNOWN
    assert detect("BBC News", "xx") == UNKNOWN


def test_only_the_beginning_is_looked_at() -> None:
    assert (
        detect(
            "The talks were suspended until Friday, the envoy said. " * 20
            + "Die Gespräche wurden unterbrochen. " * 5000
        )
        == "en"
    )


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("ja", "雪崩で二人死亡"),  # mostly characters that Chinese also has
        ("zh", "干旱威胁收成"),  # simplified characters, which Japan does not have
        ("en", "CEASEFIRE HOLDS ON SECOND NIGHT"),  # capitals mean nothing to a model
        ("no", "Stortinget utsetter pensjonsreformen"),
        ("fa", "خشکسالی محصول را تهدید می‌کند"),
        ("uk", "Посуха загрожує врожаю"),
    ],
)
def test_short_headline_is_known_without_help(language: str, headline: str) -> None:
    assert detect(headline) == language


def test_kana_within_another_language_do_not_make_it_japanese() -> None:
    assert detect("The band that calls itself アールツー plays in Geneva on Friday night") == "en"
