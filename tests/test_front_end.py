"""Templates, styles and scripts of pages: rules for their text, and the tag that caches parts of templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
from markupsafe import Markup
from PIL import ImageColor

from integrity_archive.mkdocs.fragment_cache import FragmentCache
from trees import ROOT

OVERRIDES = ROOT / "overrides"
TOKENS = OVERRIDES / "assets" / "css" / "tokens.css"


def texts(*suffixes: str) -> dict[str, str]:
    paths = (path for suffix in suffixes for path in sorted(OVERRIDES.rglob(f"*{suffix}")))
    return {str(path.relative_to(OVERRIDES)): path.read_text("utf-8") for path in paths}


# --- colours ---------------------------------------------------------------------------------------------------------

HEX = r"(?<=[:\s,(\"'])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?=[;\s,)\"'!}])"
FUNCTION = r"(?<![\w-])(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(\s*[\d.]"
COLOUR = re.compile(f"{HEX}|{FUNCTION}", re.I)
NAMED = re.compile(rf"(?<![\w-])(?:{'|'.join(ImageColor.colormap)})(?![\w-])", re.I)


def colours(name: str, text: str) -> Iterator[str]:
    yield from COLOUR.findall(text)
    if name.endswith(".css"):
        for value in re.findall(r":([^:{};]*)[;}]", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", text, flags=re.S)):
            yield from NAMED.findall(value)


def test_only_the_tokens_name_colours() -> None:
    named = {name: list(colours(name, text)) for name, text in texts(".css", ".html", ".js").items()}
    assert len(named.pop(str(TOKENS.relative_to(OVERRIDES)))) > 40
    assert {name: found for name, found in named.items() if found} == {}


def test_colours_are_recognised() -> None:
    css = "a { color: #fff; background: rgba(0, 0, 0, .5); border: 1px solid RED; fill: var(--white) } /* blue */"
    assert list(colours("a.css", css)) == ["#fff", "rgba(0", "RED"]
    assert list(colours("a.css", "a { color: rgba(var(--on-book-rgb), .5); fill: currentColor }")) == []
    assert list(colours("a.html", '<path fill="#1c4f55"/><a href="#all" title="&#160;">')) == ["#1c4f55"]


def test_every_token_is_used() -> None:
    tokens = set(re.findall(r"^\s*(--[\w-]+):", TOKENS.read_text("utf-8"), re.M))
    everything = "".join(texts(".css", ".html").values())
    assert {token for token in tokens if not re.search(rf"var\({token}[,)]", everything)} == set()


# --- selectors -------------------------------------------------------------------------------------------------------


def test_every_class_of_a_style_sheet_is_given_to_something() -> None:
    import material  # the theme's own templates give classes as well

    theme = "".join(p.read_text("utf-8") for p in Path(material.__file__).parent.glob("templates/*.html"))
    package = "".join(p.read_text("utf-8") for p in (ROOT / "scripts" / "integrity_archive").rglob("*.py"))
    periods = (ROOT / "docs" / "vocabulary.yml").read_text("utf-8")
    given = "".join(texts(".html", ".js").values()) + theme + package
    for name, css in texts(".css").items():
        selectors = " ".join(re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", css, flags=re.S)))
        for found in set(re.findall(r"\.([a-z][\w-]*)", selectors)):
            block, _, variant = found.partition("--")
            # A variant may be chosen as the page is made, by a template or before: cloth--{style.cloth}.
            made = variant and f"{block}--{{" in given and _stands_in(variant, given + periods)
            assert made or _stands_in(found, given), f"{name}: .{found}"


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


# --- templates and scripts -------------------------------------------------------------------------------------------


def test_no_line_of_a_template_is_longer_than_200_characters() -> None:
    long = [
        f"{name}:{n}"
        for name, text in texts(".html").items()
        for n, line in enumerate(text.splitlines(), 1)
        if len(line) > 200
    ]
    assert long == []


def test_scripts_share_one_global_and_replace_nothing_of_each_other() -> None:
    makers: dict[str, str] = {}
    for name, text in texts(".js").items():
        code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.S | re.M)
        others = set(re.findall(r"(?:window|self|globalThis)\.(archive[A-Z]\w*)", code))
        assert others <= {"archiveData", "archiveCurrent"}, name
        assert ("window.archiveData =" in code) == (name == "assets/js/loader.js")
        for member in re.findall(r"(?<![\w.])archive\.(\w+) = ", code):
            assert makers.setdefault(member, name) == name, f"{member} is made by {makers[member]} and {name}"
    declared = (OVERRIDES / "assets" / "js" / "archive.d.ts").read_text("utf-8")
    interface = re.search(r"interface Archive \{(.*?)\n\}", declared, re.S)
    assert interface is not None
    members = set(re.findall(r"^  (\w+)\??:", interface[1], re.M))
    assert set(makers) == members - {"now"}  # the clock, which only tests set


# --- the fragment cache ----------------------------------------------------------------------------------------------


def render(template: str, **others: str) -> tuple[str, list[str]]:
    """What a template gives, and what it rendered of its own accord."""
    rendered: list[str] = []

    def note(text: str) -> str:
        rendered.append(text)
        return text

    env = jinja2.Environment(
        loader=jinja2.DictLoader({"main": template, **others}), autoescape=True, extensions=[FragmentCache]
    )
    return env.get_template("main").render(note=note, rows=["a", "b", "a"], html="<b>"), rendered


def test_a_part_is_rendered_once_for_each_key() -> None:
    assert render("{% for row in rows %}{% cache row %}{{ note(row) }}{% endcache %}{% endfor %}") == (
        "aba",
        ["a", "b"],
    )
    several = "{% for row in rows %}{% cache 1, row %}{{ note(row) }}{% endcache %}{% endfor %}"
    assert render(several) == ("aba", ["a", "b"])


def test_two_parts_of_the_same_key_stay_apart() -> None:
    part = "{% cache 1 %}{{ note('part') }}{% endcache %}"
    page = (
        "{% cache 1 %}{{ note('one') }}{% endcache %}\n{% cache 1 %}{{ note('two') }}{% endcache %}{% include 'part' %}"
    )
    assert render(page, part=part) == ("one\ntwopart", ["one", "two", "part"])


def test_what_is_escaped_is_escaped_once() -> None:
    page = "{% for row in rows %}{% cache 1 %}<i>{{ html }}</i>{% endcache %}{% endfor %}"
    assert render(page)[0] == Markup("<i>&lt;b&gt;</i>") * 3
