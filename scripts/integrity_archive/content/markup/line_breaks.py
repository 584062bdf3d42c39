"""Line breaks: a text that an author wrote on several lines, as one line.

In Chinese there are no spaces between words, so a line break in a source must not leave one. The rule is that of CSS
Text 4 for segment breaks (https://www.w3.org/TR/css-text-4/#line-break-transform), which browsers do not apply yet:
between wide characters a break disappears; otherwise it becomes a space.
"""

from __future__ import annotations

import re
import unicodedata

_BREAK = re.compile(r"[ \t]*\n[ \t\n]*")
_SEEN_THROUGH = (
    r"(?:<sup id=\"fnref[^>]*>.*?</sup>|<r[tp]>[^<]*</r[tp]>"
    r"|</?(?:a|code|em|kbd|mark|rb|ruby|small|strong|sub|sup|u|wbr)\b[^>]*>)*"
)
"""Between two characters of a paragraph: tags within a line, marks of footnotes, and readings of characters."""
_BREAK_IN_HTML = re.compile(rf"([^\s<>])(?=[\s<])({_SEEN_THROUGH})[ \t]*\n[ \t]*(?={_SEEN_THROUGH}([^\s<>]))")
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.S)
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]")


def joined(text: str) -> str:
    """Lines of plain text as one line."""
    if "\n" not in text:
        return text
    text = text.strip()
    return _BREAK.sub(lambda m: separator(text[m.start() - 1], text[m.end()]), text)


def joined_html(markup: str) -> str:
    """HTML without the line breaks that would leave a gap; the others remain."""
    parts = _PREFORMATTED.split(markup)
    parts[::2] = [_BREAK_IN_HTML.sub(_closed, part) if "\n" in part else part for part in parts[::2]]
    return "".join(parts)


def _closed(match: re.Match[str]) -> str:
    return match[0] if separator(match[1], match[3]) else match[1] + match[2]


def separator(before: str, after: str) -> str:
    """What a line break between two characters becomes: nothing or a space."""
    return "" if _is_wide(before) and _is_wide(after) else " "


def _is_wide(character: str) -> bool:
    """Whether no space is written beside a character: CJK, or punctuation that has its width there, such as “ and …."""
    width = unicodedata.east_asian_width(character)
    if width == "A":
        return unicodedata.category(character)[0] in "PS"
    return width in "WFH" and not _HANGUL.match(character)
