"""What editors may write, and what becomes of what nobody should."""

import re
from html.parser import HTMLParser

import pytest

from memes.markdown import LONGEST, render

FILE = "/files/00000000-0000-4000-8000-000000000001"
ALLOWED = {"h2", "h3", "h4", "p", "br", "hr", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "a", "img"}


class Reader(HTMLParser):
    """What a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](https://elsewhere.example/a.png)",
    "![x](//elsewhere.example/a.png)",
    f"![x]({FILE}/../../desk)",
    '![" onerror="alert(1)](/files/x)',
    f'![" onerror="alert(1)]({FILE})',
    '[x](https://example.org "\\" onclick=\\"alert(1)")',
    "<iframe src=https://example.org></iframe>",
    "<style>*{display:none}</style><form action=/x><input></form>",
    "```<script>\nalert(1)\n```",
    "```\" onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "<svg><style><img src=x onerror=alert(1)>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "> " * 2000 + "x",
    "- " * 2000 + "x",
    "\n".join(f"{'  ' * depth}- x" for depth in range(150)),
    "[" * 3000 + "x" + "](javascript:x)" * 300,
    "*" * 5000 + "x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_harmful_comes_out(text: str) -> None:
    for tag, attributes in Reader(str(render(text))).tags:
        assert tag in ALLOWED
        assert set(attributes) <= {"a": {"href", "title", "rel"}, "img": {"src", "alt", "loading"}, "ol": {"start"}}.get(tag, set())
        assert re.match(r"https?:|mailto:|tel:|/", attributes.get("href") or "/")
        assert re.fullmatch(r"/files/[0-9a-f-]{36}", attributes.get("src") or FILE)


def test_what_goes_too_deep_is_cut_not_stacked() -> None:
    assert render("> " * 3000 + "x").count("<blockquote>") < 25


def test_words_come_out_as_they_were_meant() -> None:
    html = render(f"# One\n\n## Two\n\n### Three\n\n###### Six\n\n**bold** *soft*\n\n1. a\n2. b\n\n> said\n\n![a door]({FILE})")
    assert re.findall(r"<(h\d)>", html) == ["h2", "h2", "h3", "h4"]
    assert f'<img src="{FILE}" alt="a door" loading="lazy">' in html
    assert all(part in html for part in ("<strong>bold</strong>", "<em>soft</em>", "<ol>", "<blockquote>"))


def test_links_say_nothing_of_where_they_were_followed() -> None:
    assert Reader(str(render("[x](https://example.org/?a=1&b=2)"))).tags[-1] == (
        "a", {"href": "https://example.org/?a=1&b=2", "rel": "noopener noreferrer nofollow"},
    )  # fmt: skip


def test_a_picture_of_others_leaves_its_description() -> None:
    assert render("![a stork](https://elsewhere.example/a.png)") == "<p>a stork</p>\n"


def test_the_desk_sees_files_at_its_own_address() -> None:
    assert f'src="/desk/editing{FILE}"' in render(f"![x]({FILE})", "/desk/editing/files/")


def test_no_more_is_read_than_may_be_written() -> None:
    assert len(render("a" * LONGEST + "bbb")) == len(render("a" * LONGEST))
