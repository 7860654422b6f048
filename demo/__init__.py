"""A small made-up news world, served on loopback, for trying wirewatch without internet.

    world/            outlets, articles, and the wire copy that several of them carry: text to edit
    world.py          reads world/ into frozen structs, and rejects inconsistencies
    manuscript.py     the format of an article's file
    faults.py         the broken outlet's faults, and the expected result for each such article
    timetable.py      which articles are out at a given moment
    addresses.py      paths and URLs of everything
    feeds.py          feeds and the OPML list of them
    pages.py          article pages and front pages
    templating.py     renders all of these with templates/
    newsstand.py      answers requests
    server.py         starts and stops the server

`python -m demo` serves it, and `--opml` prints the list of its feeds.
"""
