"""What changes on a page, or in a feed, without being news: counters, the page's own time stamps, furniture."""

import re

from ingest.page.furniture import is_furniture
from query.tokens import terms

_LONGEST_STAMP = 160
"""Characters of a line that says only when the page was written."""
_COUNTED = (
    r"comments?|replies|responses|views?|reads?|shares?|likes?|reactions?|votes?|followers?|subscribers?|readers?|listeners?"
    r"|kommentare?|aufrufe|commentaires?|vues|partages|comentarios?|vistas|visualizações|comentários|commenti|visualizzazioni"
    r"|комментари\w*|просмотр\w*|коментар\w*|перегляд\w*|تعليق\w*|مشاهد\w*"
)
_PASSED = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\s+ago"
    r"|(?:min(?:ute)?s?|мин\w*)\.?\s+(?:read|de lecture|de lectura|lesezeit|di lettura|de leitura|чтения)"
)
_COUNTERS = re.compile(
    rf"\(?\b\d[\d.,\u00a0\u202f]*\s?[km]?\+?\s+(?:{_COUNTED}|{_PASSED})\b\)?", re.IGNORECASE
)
_SINCE = re.compile(
    r"\b(?:vor|il y a|hace|há)\s+\d+\s+(?:sekunden?|minuten?|stunden?|tage?n?|secondes?|minutes?|heures?|jours?|segundos?"
    r"|minutos?|horas?|d[ií]as?)\b",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\W*(?:(?:first |last )?(?:updated|published|modified|posted)|updated? (?:at|on)|time of publication|aktualisiert|stand"
    r"|veröffentlicht|mis(?:e)? à jour|publié|modifié|actualizado|publicado|atualizado|aggiornato|pubblicato|обновлено"
    r"|опубликовано|оновлено|опубліковано|güncelleme|bijgewerkt)\b[\s:]",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


def news_of(text: str) -> list[str]:
    """The words of a text that could be news: without counters, time stamps and furniture, case and punctuation."""
    lines = (line for line in text.split("\n") if not _is_stamp(line) and not is_furniture(line))
    return [word for line in lines for word in terms(_SINCE.sub(" ", _COUNTERS.sub(" ", line)))]


def _is_stamp(line: str) -> bool:
    """Whether a line says only when the page was written or changed."""
    return len(line) <= _LONGEST_STAMP and _STAMP.match(line) is not None and _CLOCK.search(line) is not None
