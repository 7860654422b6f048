import json

import pytest
from unit.ingest.page.test_extract import NOW, SENTENCES, html, page, reason

from ingest.page.extract import extract
from stream.errors import Reject
from stream.messages import Article

LONG = SENTENCES * 6
FEED = "".join(f"<p>{line}</p>" for line in SENTENCES * 2)


def read(body: str, **known: object) -> Article:
    return extract(page(body, **known), NOW)  # type: ignore[arg-type]


def refusal(body: str, **known: object) -> Reject:
    with pytest.raises(Reject) as caught:
        read(body, **known)
    return caught.value


def bare(title: str, *lines: str) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{paragraphs}</main></body></html>"


def ld(**article: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **article})}</script>'


def test_an_ordinary_article_is_full() -> None:
    assert read(html(lines=LONG)).content_status == "full"
    assert read(html()).content_status == "full"


@pytest.mark.parametrize(
    ("lines", "head", "status"),
    [
        (SENTENCES, ld(isAccessibleForFree=False), "teaser"),
        (SENTENCES, ld(isAccessibleForFree="False"), "teaser"),
        (SENTENCES, ld(isAccessibleForFree=True), "full"),
        (LONG * 3, ld(isAccessibleForFree=False), "full"),  # the page shows all of it
        (SENTENCES, '<meta property="article:content_tier" content="locked">', "teaser"),
        ((*SENTENCES[:2], "Subscribe to continue reading."), "", "teaser"),
        ((*SENTENCES[:2], "Cet article est réservé aux abonnés."), "", "teaser"),
        ((*SENTENCES[:2], "Jetzt weiterlesen mit dem Probeabo."), "", "teaser"),
        ((*SENTENCES[:2], "Para seguir leyendo, regístrese."), "", "teaser"),
        ((*SENTENCES[:2], "Чтобы читать дальше, оформите подписку."), "", "teaser"),
        ((*LONG, *LONG, "Already a subscriber? Log in."), "", "full"),
    ],
)
def test_what_a_paywall_shows_is_a_teaser(lines: tuple[str, ...], head: str, status: str) -> None:
    assert read(html(head, lines=lines)).content_status == status


@pytest.mark.parametrize(
    ("title", "url", "head"),
    [
        ("Forces to leave", "https://news.example/a", ld(**{"@type": "LiveBlogPosting"})),
        ("Forces to leave: live updates", "https://news.example/a", ""),
        ("Liveticker: Abzug der Truppen", "https://news.example/a", ""),
        ("Retrait des forces : suivez en direct", "https://news.example/a", ""),
        ("Forces to leave", "https://news.example/news/live/world-1", ""),
    ],
)
def test_live_blogs(title: str, url: str, head: str) -> None:
    body = html(head, h1=title).replace("Forces to leave |", f"{title} |")
    assert read(body, url=url, title=title).content_status == "live"


@pytest.mark.parametrize(
    ("url", "head", "status"),
    [
        ("https://news.example/a", ld(**{"@type": "ImageGallery"}), "gallery"),
        ("https://news.example/gallery/2016/a", "", "gallery"),
        ("https://news.example/politik/fotostrecke-abzug-1", "", "gallery"),
        ("https://news.example/video/2016/a", "", "video"),
        ("https://news.example/a", '<meta property="og:type" content="video.other">', "video"),
        ("https://news.example/a", ld(**{"@type": "VideoObject"}), "video"),
    ],
)
def test_galleries_and_videos_are_pages_with_little_text(url: str, head: str, status: str) -> None:
    assert read(html(head), url=url).content_status == status
    assert read(html(head, lines=LONG * 2), url=url).content_status == "full"


def test_an_article_with_a_video_in_it_is_an_article() -> None:
    graph = {
        "@graph": [
            {"@type": "VideoObject", "name": "x"},
            {"@type": "NewsArticle", "headline": "Forces to leave"},
        ]
    }
    body = html(f'<script type="application/ld+json">{json.dumps(graph)}</script>')
    assert read(body).content_status == "full"


@pytest.mark.parametrize(
    "line",
    [
        "Please enable JavaScript and cookies to continue.",
        "Bitte aktivieren Sie JavaScript in Ihrem Browser.",
        "Veuillez activer JavaScript pour continuer.",
        "Включите JavaScript в вашем браузере.",
        "Checking your browser before accessing news.example.",
        "Verify you are human by completing the action below.",
    ],
)
def test_a_demand_to_the_browser_is_not_an_article(line: str) -> None:
    error = refusal(bare("Just a moment", line))
    assert (error.kind, "demand to the browser" in error.reason) == ("no-article", True)


def test_a_noscript_line_on_an_article_is_not_a_demand() -> None:
    body = html(lines=LONG).replace("<nav>", "<noscript>Please enable JavaScript.</noscript><nav>")
    assert read(body).content_status == "full"


@pytest.mark.parametrize(
    "title",
    [
        "Page not found",
        "404",
        "404 | The News",
        "Error 404",
        "Seite nicht gefunden",
        "Page introuvable",
        "Página no encontrada",
        "Página não encontrada",
        "Страница не найдена",
        "Nie znaleziono strony",
        "الصفحة غير موجودة",
        "页面不存在",
    ],
)
def test_an_error_page_with_a_success_status_is_not_an_article(title: str) -> None:
    error = refusal(bare(title, "The page that you asked for may have been moved or deleted by our editors."))
    assert (error.kind, "error page" in error.reason) == ("no-article", True)


def test_an_article_about_an_error_page_is_one() -> None:
    title = "Page not found: how the web forgets"
    assert read(bare(title, *LONG)).content_status == "full"
    for headline in ("404 people were evacuated", "Insulin no longer available in the besieged towns"):
        assert read(bare(headline, *SENTENCES)).content_status == "full"


CONSENT = bare(
    "We value your privacy",
    "We and our partners store and/or access information on a device, such as cookies and process personal data.",
    "You may accept or manage your choices by clicking below, or at any time in the privacy policy page.",
)


def test_a_consent_page_is_refused_without_a_text_from_the_feed() -> None:
    error = refusal(CONSENT)
    assert (error.kind, "consent" in error.reason) == ("no-article", True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (CONSENT, "consent: "),
        (bare("Just a moment", "Please enable JavaScript and cookies to continue."), "no-article: "),
        (html(lines=(*SENTENCES[:2], "Subscribe to continue reading.")), "teaser: "),
        (html(lines=SENTENCES[:1]), "shorter: "),
        ("<html><body><nav><a href=/>Home</a></nav></body></html>", "no-text: "),
    ],
    ids=["consent", "demand", "teaser", "much shorter", "empty"],
)
def test_the_feeds_own_text_stands_in_for_a_page_that_shows_less_and_the_article_says_why(
    body: str, why: str
) -> None:
    article = read(body, content=FEED)
    assert (article.text, article.content_status) == ("\n".join(SENTENCES * 2), "full")
    assert article.instead_of.startswith(f"{why}https://")


def test_the_page_stays_where_the_feeds_text_is_no_better() -> None:
    article = read(html(lines=LONG), content=FEED)
    assert (article.text, article.instead_of) == ("\n".join(LONG), "")


@pytest.mark.parametrize("content", ["<div>" * 500, "<p>x", "x" * 100, "<", "<script>alert(1)</script>"])
def test_odd_feed_text_does_no_harm(content: str) -> None:
    assert read(html(), content=content).text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "demand",
    [
        "We and our 842 partners store and access personal data, like browsing data, on your device.",
        "We and our (up to 842) advertising partners store information on your device.",
        "Wir und unsere 1.240 Partner speichern und verarbeiten personenbezogene Daten auf Ihrem Gerät.",
        "Avec votre accord, nous et nos 842 partenaires utilisons des cookies pour stocker des informations.",
        "Nosotros y nuestros 842 socios almacenamos y accedemos a datos en su dispositivo.",
        "Noi e i nostri 842 partner archiviamo e accediamo a dati sul tuo dispositivo.",
        "Wij en onze 842 partners bewaren en raadplegen gegevens op jouw apparaat.",
        "My i nasi 842 partnerzy przechowujemy i uzyskujemy dostęp do danych na Twoim urządzeniu.",
        "Nós e os nossos 842 parceiros armazenamos informações no seu dispositivo.",
        "Vi och våra 842 partner lagrar information på din enhet.",
        "Vi og vores 842 partnere gemmer oplysninger på din enhed.",
        "Me ja 842 kumppania tallennamme tietoja laitteellesi.",
        "My a naši 842 partneři ukládáme údaje ve vašem zařízení.",
        "Εμείς και οι 842 συνεργάτες μας αποθηκεύουμε πληροφορίες στη συσκευή σας.",
        "Мы и наши 842 партнера храним данные на вашем устройстве.",
        "Ми та наші 842 партнери зберігаємо дані на вашому пристрої.",
        "Biz ve 842 ortağımız cihazınızda bilgi saklıyoruz.",
    ],
)
def test_a_demand_for_consent_that_counts_its_partners_is_not_an_article(demand: str) -> None:
    body = f"<html><head><title>News</title></head><body><div><p>{demand}</p><button>OK</button></div></body></html>"
    assert reason(body).kind == "no-article"


def test_a_short_article_that_speaks_of_partners_is_one() -> None:
    text = "We and our partners are proud of the bridge, the mayor said. It opens on Monday after 3 years of work."
    article = read(f"<html><body><article><h1>The bridge opens</h1><p>{text}</p></article></body></html>")
    assert article.content_status == "full"
    assert text in article.text


def test_an_article_in_an_aside_is_read() -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in SENTENCES)
    body = f"<html><body><div><aside><h1>Forces to leave</h1>{paragraphs}</aside></div></body></html>"
    assert read(body).text == "\n".join(SENTENCES)
