"""What editors write, as HTML that can do no harm: parsed without raw HTML, then held to a short list of tags.

Two nets, because either alone would be enough: the parser writes no HTML of the author's, and the sanitiser lets nothing
through that is not listed here, whatever the parser did.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

#: Characters. What takes the parser longest (nothing but brackets) takes it a third of a second at this length.
LONGEST = 12_000

#: Where a file of an article is served; no other address can be that of a picture.
FILES = "/files/"
_OWN_FILE = re.compile(r"/files/[0-9a-f-]{36}")

_TAGS = {"h2", "h3", "h4", "p", "br", "hr", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "a", "img"}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title", "loading"}, "ol": {"start"}}


@lru_cache(maxsize=128)
def render(text: str, files: str = FILES) -> Markup:
    """Markdown (CommonMark) as HTML. Titles begin at h2, under the page's own; links lead away without a word of where from.

    A picture is shown if it is one of our own files, else its description stands in its place. `files` is where these are
    served to who asks: the desk has an address of its own for what is not public yet.
    """
    cleaned = nh3.clean(
        _parser().render(text[:LONGEST]), tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=_only_own_pictures,
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return Markup(cleaned.replace(f'src="{FILES}', f'src="{files}'))  # noqa: S704  (this is the sanitiser)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    for rule in ("heading_open", "heading_close"):
        parser.add_render_rule(rule, _lower_heading)
    parser.add_render_rule("image", _picture)
    return parser


def _lower_heading(renderer: object, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    """`#` and `##` are a part's title, h2; deeper ones h3 and h4, and no deeper."""
    level = {"h1": "h2", "h2": "h2", "h3": "h3"}.get(tokens[place].tag, "h4")
    return f"<{level}>" if tokens[place].nesting > 0 else f"</{level}>\n"


def _picture(renderer: object, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType) -> str:
    source, alt = str(tokens[place].attrGet("src") or ""), nh3.clean_text(tokens[place].content)
    if not _OWN_FILE.fullmatch(source):
        return alt
    return f'<img src="{source}" alt="{alt}" loading="lazy">'


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not _OWN_FILE.fullmatch(value):
        return None
    return value
