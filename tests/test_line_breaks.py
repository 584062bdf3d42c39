"""Line breaks that an author made in the source leave no gap between Chinese characters."""

from __future__ import annotations

import pytest

from integrity_archive.content.front_matter import parse_yaml
from integrity_archive.content.markup.line_breaks import joined
from integrity_archive.content.markup.markdown import Converter
from integrity_archive.content.markup.plain_text import plain_text, ruby_readings, whole_text
from integrity_archive.site.views import paragraphs


def html(body: str) -> str:
    return Converter().convert("stories/a.md", body).html


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("四个知，\n人们", "<p>四个知，人们</p>"),
        ("四个知\n  人们", "<p>四个知人们</p>"),
        ("说“知”\n“否”", "<p>说“知”“否”</p>"),
        ("说……\n——完", "<p>说……——完</p>"),
        ("**四**\n*知*", "<p><strong>四</strong><em>知</em></p>"),
        ("[四](https://a.cn)\n知", '<p><a href="https://a.cn">四</a>知</p>'),
        ("淳于<ruby>髡<rt>kūn</rt></ruby>\n见", "<p>淳于<ruby>髡<rt>kūn</rt></ruby>见</p>"),
        ("四知\nAI\n时代", "<p>四知\nAI\n时代</p>"),
        ("four\nknow", "<p>four\nknow</p>"),
        ("“a”\nand", "<p>“a”\nand</p>"),
        ("一行  \n两行", "<p>一行<br />\n两行</p>"),
        ("한국\n한국", "<p>한국\n한국</p>"),
        ("- 甲\n  乙\n- 丙", "<ul>\n<li>甲乙</li>\n<li>丙</li>\n</ul>"),
        ("> 甲\n> 乙", "<blockquote>\n<p>甲乙</p>\n</blockquote>"),
        ("```\n甲\n乙\n```", "<pre><code>甲\n乙\n</code></pre>"),
        ("甲\n\n乙", "<p>甲</p>\n<p>乙</p>"),
    ],
)
def test_in_markdown(body: str, made: str) -> None:
    """Wide characters close up, across tags too; Latin words, code and hard breaks stay as they are."""
    assert html(body) == made


def test_across_the_mark_of_a_footnote() -> None:
    assert "</sup>照夜路" in html("天上星辰[^1]\n照夜路\n\n[^1]: 注")


YAML = """\
plain: 四个知，
  人们记着
folded: >
  四个知，
  人们说 AI
  时代

  第二段
quoted: "四个
  知 人"
single: '四''
  知'
list: [四
  知, 丙 丁]
nested:
  - text: >-
      四
      知
kept: |
  四
  知
mixed: 四知
  four know
  人们
last: 完
"""


def test_in_yaml() -> None:
    """The same for folded values; a space that stands within a line stays, and lines are those of the file."""
    tree, problems = parse_yaml(YAML, "a.md", first_line=2)
    assert problems == []
    assert tree.values == {
        "plain": "四个知，人们记着",
        "folded": "四个知，人们说 AI 时代\n第二段\n",
        "quoted": "四个知 人",
        "single": "四' 知",
        "list": ["四知", "丙 丁"],
        "nested": [{"text": "四知"}],
        "kept": "四\n知\n",
        "mixed": "四知 four know 人们",
        "last": "完",
    }
    assert [tree.line((name,)) for name in ("folded", "quoted", "kept", "last")] == [4, 10, 20, 26]
    assert tree.line(("nested", 0, "text")) == 17


def test_in_paragraphs_of_a_field() -> None:
    assert paragraphs("四个知，\n人们\n\nfour\nknow 四") == ["四个知，人们", "four know 四"]
    assert joined("四\n\n知\nAI") == "四知 AI"


def test_plain_text_is_the_text_as_it_is_read() -> None:
    """Without readings and marks of notes; paragraphs, cells and notes each on a line, whatever breaks they contain."""
    table = "| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |"
    body = f"淳于<ruby>髡<rt>kūn</rt></ruby>见[^1]王\nAI\n时代  \n两行\n\n{table}\n\n[^1]: 注\n    文"
    assert plain_text(html(body)) == "淳于髡见王 AI 时代 两行\n甲\n乙\n丙\n丁\n注文"
    assert list(ruby_readings(html(body))) == ["髡 kūn"]
    assert whole_text("<h3>题</h3>\n<p>四<em>知</em></p>") == "题\n四知"
