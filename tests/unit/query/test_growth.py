"""The cost of matching grows no faster than the text or the query."""

from collections.abc import Callable

import pytest
from growth import LINEAR, adversarial, growth, work

from query.explain import because
from query.lex import MAX_LENGTH, lex
from query.lint import lint
from query.match import match, prepare
from query.monitor.monitor import Monitor
from query.parse import parse
from query.tokens import tokenize
from stream.errors import QueryError

TEXTS = list(adversarial(1))
QUERIES = [
    "syria OR peace OR talks OR assad OR council",
    '"syria peace"~20',
    '"assad assad assad"~99',
    '"a a a a a a a"~99',
    '"new york new york"~99',
    '"the council the council"~2',
    '"敘 利 亞"~50',
    '"' + "syria peace talks geneva assad putin " * 33 + '"',
    "a* OR x* OR s*",
    "*ab OR a*a*a*b OR x?b*",
    "NOT nowhere",
]


@pytest.mark.parametrize("text", TEXTS)
def test_tokens(text: str) -> None:
    assert growth(lambda given: lambda: tokenize(given), text) <= LINEAR


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("text", TEXTS)
def test_matching_with_its_spans_and_reason(text: str, query: str) -> None:
    tree = parse(query)

    def matching(given: str) -> Callable[[], object]:
        prepared = prepare("", given, {})
        return lambda: match(tree, prepared) is None or because(tree, prepared)

    assert growth(matching, text) <= LINEAR


@pytest.mark.parametrize("text", TEXTS)
def test_matching_many_queries_at_once(text: str) -> None:
    monitor = Monitor()
    for query in QUERIES:
        monitor.add(query, parse(query))

    def matching(given: str) -> Callable[[], object]:
        return lambda: monitor.match(prepare("", given, {}))

    assert growth(matching, text) <= LINEAR


@pytest.mark.parametrize(
    "part",
    [
        *(
            "-",
            "!",
            "+",
            "(",
            "\\-",
            '"',
            "a",
            "a ",
            "-a ",
            "NOT ",
            "(a) ",
            "(a OR ",
            "title:a ",
            "a* ",
            '"a b" ',
            "a:",
        ),
        *("a AND NOT a ", "a-b ", "[a TO b] ", "a~", "a^2 ", "&& ", "topic:x ", "a OR b AND c ", "!(", "аa "),
    ],
)
def test_a_query_however_written(part: str) -> None:
    def reading(size: int) -> Callable[[], object]:
        query = part * (size // len(part))

        def read() -> None:
            for reader in (lex, parse, lambda text: lint(text, {"topic": ["y"]})):
                try:
                    reader(query)
                except QueryError as error:
                    str(error)

        return read

    half = MAX_LENGTH // 2
    assert work(reading(half)) <= LINEAR * max(work(reading(half // 2)), half)
