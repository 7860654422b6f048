"""The chart as SVG, in one piece: a template takes ten times as long to write as many numbers."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from web.search.chart import HEIGHT, Bar, Chart, Gap
from web.templating import gated


def drawn(chart: Chart, *, linked: bool) -> Markup:
    """The times in which sources were dark, and the bars before them; `linked`: each leads to its period."""
    bars = (_bar(bar, bar.href if linked else "") for bar in chart.bars)
    return Markup("\n".join((*map(_gap, chart.gaps), *bars)))  # noqa: S704 - its parts are escaped


def _gap(gap: Gap) -> str:
    return (
        f'<rect class="gap" x="{gap.x}" y="0" width="{gap.width}" height="{HEIGHT:g}" fill="url(#hatch)">'
        f"<title>{escape(gated(gap.label))}</title></rect>"
    )


def _bar(bar: Bar, address: str) -> str:
    label = escape(gated(bar.label))
    leads = f' href="{escape(gated(address))}"' if address else ""
    unreached = "" if bar.segments else ' tabindex="-1"'
    return (
        f'<a{leads} aria-label="{label}"{unreached}><title>{label}</title>'
        f'<rect class="place" x="{bar.x}" y="0" width="{bar.width}" height="{HEIGHT:g}"/>{"".join(_segments(bar))}</a>'
    )


def _segments(bar: Bar) -> Iterator[str]:
    for one in bar.segments:
        yield (
            f'<rect class="f{one.colour}" x="{bar.x}" y="{one.y}" width="{bar.width}" height="{one.height}"/>'
        )
