"""An article as it is cited."""

from results.article import Article


def citation(article: Article) -> str:
    """Authors, title, outlet, date, address, and when its text was read, in a line. Days are those of this machine."""
    authors = f"{', '.join(article.authors)}: " if article.authors else ""
    title = f"“{article.title}”" if article.title else "(no title)"
    dated = f"{article.published.astimezone():%Y-%m-%d}" if article.published else "no date"
    version = f", version {article.version}" if article.version else ""
    gone = "; withdrawn since" if article.withdrawn else ""
    read = f"read {article.fetched.astimezone():%Y-%m-%d %H:%M %Z}{version}{gone}"
    return f"{authors}{title}. {article.source}, {dated}. {article.url} ({read})"
