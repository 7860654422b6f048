"""A small made-up news world, served on loopback, for trying wirewatch without internet.

    world/            outlets, articles, and the wire copy that several of them carry: text to edit
    world.py          reads world/ into frozen structs, and refuses what does not fit together
    manuscript.py     the format of an article's file
    faults.py         what the broken outlet does wrong, and what must become of each such article
    timetable.py      which articles are out at a given moment
    addresses.py      where everything lives: paths and URLs
    feeds.py          feeds and the OPML list of them
    pages.py          article pages and front pages
    templating.py     the looks of all of these: templates/
    newsstand.py      answers requests
    server.py         starts and stops the server

`python -m demo` serves it, and `--opml` prints the list of its feeds.
"""
