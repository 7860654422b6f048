"""Measures how much the model of blocks improves the text of a page, cross-validated by site: the model that reads a page was
trained on no page of its site.

    pip install catboost && python -m bench.blocks

Pages and segments are those of bench/extraction.py, in the same two halves: wirewatch's rules were chosen on one; the other,
`held out`, was not looked at. The model has no such half: it is trained on both, ten times, each time without a tenth of the
sites.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from bench.extraction import Counts, count
from bench.make.train_blocks import train
from bench.material.marked_blocks import UNKNOWN, MarkedPage, made_pages, real_pages
from bench.material.results import Figure, record
from ingest.page.chosen_lines import LIKELY, chosen_lines

FOLDS = 10
SHARES = (0.1, 0.25, 0.5, 1.0)
"""Shares of the other sites' pages to train on, to show how quality grows with the training data."""

Likelihoods = Mapping[int, Sequence[float]]


def main() -> None:
    """Measure, and print."""
    real, made = real_pages(), made_pages()
    marked = sum(int((page.marks != UNKNOWN).sum()) for page in real)
    print(f"{len(real)} pages, {sum(len(page.marks) for page in real)} blocks, {marked} of them marked")
    print(f"{'':<30}{'tuned on':^23}{'held out':^23}{'all':^23}")
    print(f"{'':<30}{'prec. recall F1':^23}{'prec. recall F1':^23}{'prec. recall F1':^23}")
    first = _show("the first reading", real, [page.first for page in real])
    grown = {}
    for share in SHARES:
        likelihoods = _cross_validated(real, made, share)
        texts = [_corrected(page, likelihoods[place]) for place, page in enumerate(real)]
        grown[f"{share:.0%} of the sites"] = _show(f"learned from {share:.0%}", real, texts)
    others = {
        name: _show(name, real, [read(page, likelihoods[place]) for place, page in enumerate(real)])
        for name, read in OTHERS.items()
    }
    record("blocks", tuple(_figures(first, grown, others)))


def _figures(
    first: Sequence[Counts], grown: Mapping[str, Sequence[Counts]], others: Mapping[str, Sequence[Counts]]
) -> list[Figure]:
    """The figures of both halves before and after, of the learning curve, and of other ways to use the model."""
    last = list(grown.values())[-1]
    figures = []
    for half, place in (("held-out half", 1), ("other half", 0), ("both halves", 2)):
        for what in ("F1", "precision", "recall"):
            name = what.lower()
            before, after = (round(getattr(counts[place], name), 4) for counts in (first, last))
            text = f"text of a page, cross-validated by site, {half}: {what}"
            figures.append(Figure(text, after, peers={"without the model": before}))
    curve = {name: round(counts[2].f1, 4) for name, counts in (grown | others).items()}
    figures.append(
        Figure(
            "the same on both halves, F1, beside fewer pages and other uses", figures[6].value, peers=curve
        )
    )
    return figures


def _cross_validated(real: Sequence[MarkedPage], made: Sequence[MarkedPage], share: float) -> Likelihoods:
    """For each page, the likelihood of its blocks by a model trained on a share of the other sites' pages."""
    sites = sorted({page.site for page in real})
    random.Random(0).shuffle(sites)
    fold = {site: number % FOLDS for number, site in enumerate(sites)}
    result = {}
    for part in range(FOLDS):
        others = [site for site in sites if fold[site] != part]
        seen = set(others[: int(share * len(others))])
        model = train([*(page for page in real if page.site in seen), *made])
        for place, page in enumerate(real):
            if fold[page.site] == part:
                result[place] = model.likelihood(page.rows).tolist()
    return result


def _corrected(page: MarkedPage, likelihood: Sequence[float]) -> str:
    return chosen_lines(page.first, page.found, page.base, likelihood, page.title)


def _dropped(page: MarkedPage, likelihood: Sequence[float]) -> str:
    known = zip(likelihood, page.base.held, strict=True)
    return _corrected(page, [one if held else 0.0 for one, held in known])


def _added(page: MarkedPage, likelihood: Sequence[float]) -> str:
    known = zip(likelihood, page.base.held, strict=True)
    return _corrected(page, [1.0 if held else one for one, held in known])


def _alone(page: MarkedPage, likelihood: Sequence[float]) -> str:
    blocks = zip(page.found.blocks, likelihood, strict=True)
    return "\n".join(block.text for block, one in blocks if one > LIKELY)


OTHERS: Mapping[str, Callable[[MarkedPage, Sequence[float]], str]] = {
    "lines are only dropped": _dropped,
    "lines are only added": _added,
    "by the model alone": _alone,
}


def _show(name: str, pages: Sequence[MarkedPage], texts: Sequence[str]) -> list[Counts]:
    """Print and return the counts of the tuned half, the held-out half, and all."""
    read = [(page.sample, text) for page, text in zip(pages, texts, strict=True) if page.sample]
    halves = [
        count((sample, text) for sample, text in read if sample.held_out in which)
        for which in ((False,), (True,), (False, True))
    ]
    print(f"{name:<30}{''.join(f'{half.line():^23}' for half in halves)}", flush=True)
    return halves


if __name__ == "__main__":
    main()
