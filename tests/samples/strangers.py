"""Texts that strangers may write into a title, a source's name or an article to attack whatever shows them."""

IMAGE = "<img src=http://evil.example/t.gif>"
ACTING = (
    IMAGE,
    '<a href="javascript:alert(1)">here</a>',
    "@everyone <!channel> <@U1> @here <@&22> <at>all</at>",
    "*bold* _x_ [x](javascript:1) ![i](http://evil.example/i.png) `code`",
    "</code><b>",
    "]]><script>alert(1)</script>&lt;img src=x&gt;",
    "\u202egnp.exe \u2066\u200b",
    "\x1b[2J\x1b]8;;http://evil.example\x07 \x00\x08\x9b1m \ufffe",
    "one\r\nBcc: all@evil.example\r\n\r\ntwo\u2028three",
    "- # 1. + item",
)
LONG = "<@" * 5_000
HOSTILE = (*ACTING, " ".join(ACTING), LONG)
