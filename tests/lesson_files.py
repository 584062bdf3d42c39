"""A small archive with one full lesson, for tests of decks, packs and books."""

from __future__ import annotations

from typing import Any

SLIDES = """\
## 没有人看见的那一份

第一课

::: notes
先不说话。

等**坐定**。
:::

## 看一段

[放影片：豆](../../../videos/dou/index.md#t=1,3)

::: notes
放到三秒停下。
:::

## 两种退法

| 人 | 做法 |
|---|---|
| 杨震 | 当面说破 |

哪一种更管用？

::: notes
换边再讲一次。
:::

## 带走的话

> 天知，神知

《后汉书》
"""

LESSON: dict[str, Any] = {
    "title": "没有人看见的那一份",
    "order": 1,
    "materials": ["讲义一人一份"],
    "activities": [
        {
            "title": "读一夜",
            "kind": "阅读",
            "minutes": 40,
            "text": "划出史书明写的句子。",
            "entries": ["stories/yang-zhen"],
            "note": "常有人把通行的说法当原文。",
        },
        {
            "title": "看一段",
            "kind": "观看",
            "minutes": 5,
            "clips": [{"film": "videos/dou", "from": "0:01", "to": "0:03", "note": "停在这里"}],
        },
    ],
    "questions": ["收下会怎样？"],
    "quiz": [
        {"kind": "单选", "question": "几知？", "options": ["三", "四"], "answer": ["四"], "explanation": "天神我子"},
        {
            "kind": "多选",
            "question": "谁退了礼？",
            "options": ["杨震", "羊续", "王密"],
            "answer": ["杨震", "羊续"],
            "explanation": "王密是送的。",
        },
        {"kind": "判断", "question": "第二知是地知。", "answer": ["错"], "explanation": "范晔书作神知。"},
        {"kind": "简答", "question": "两种退法？", "answer": ["当面说破", "挂起来"], "explanation": "各有长短。"},
        {
            "kind": "情境",
            "question": "假如同学寄来一箱水果？",
            "options": ["收下", "退回", "先放着"],
            "feedback": ["材料还在你手里。", "伤一点情面。", "越放越说不清。"],
            "answer": ["退回"],
            "explanation": "没有现成的标准。",
        },
    ],
}

FILES: dict[str, Any] = {
    "stories/yang-zhen.md": {
        "set": {
            "quotes": [{"text": "天知，神知，我知，子知", "work": "后汉书", "locator": "卷五十四"}],
            "people": ["杨震", "王密"],
        },
        "body": "夜里有人来。\n\n## 屋里\n\n见[粉丝](../heritage/fen-si.md)。",
    },
    "heritage/fen-si.md": {},
    "videos/dou/index.md": {"set": {"title": "豆", "captions": "zi-mu.vtt"}},
    "videos/dou/film.mp4": {"film": 6},
    "videos/dou/zi-mu.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n豆。\n",
    "docs/lessons/ke/index.md": {"set": LESSON, "body": "给老师的话。"},
    "docs/lessons/ke/slides.md": SLIDES,
}
