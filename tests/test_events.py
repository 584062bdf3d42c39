"""Events: their pages, lists and data; and nothing of them where an archive has none."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sites import broken_links, build, page, text
from test_warm import County, county, same  # noqa: F401 - a fixture
from trees import contents

DAYS = ["2026-12-05/2026-12-07", {"day": "2026-11-30", "from": "9:00", "to": "11:30"}]
EVENT: dict[str, Any] = {
    "title": "巡演第一站", "form": "巡演", "event_status": "改期", "days": DAYS, "venue": "某村戏台",
    "organiser": "某文化馆", "tour": "某巡演", "stop": 1, "shows": ["stories/a"],
}  # fmt: skip
FILES = {
    "stories/a.md": {"set": {}},
    "docs/events/a.md": {"set": EVENT},
    "docs/events/b.md": {
        "set": {**EVENT, "title": "第二站", "stop": 2, "days": ["2027-01-02"], "event_status": "已办"}
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("events"), FILES)


def test_an_event_says_when_where_and_what(site: Path) -> None:
    event = page(site, "events/a.html")
    aside = text(event, ".entry__side")
    assert "年代" not in aside
    for said in ("2026 年 11 月 30 日 9:00—11:30 2026 年 12 月 5—7 日", "某村戏台", "某文化馆", "某巡演，第 1 站"):
        assert said in aside
    assert "已改期" in text(event, ".notice")
    assert "杨震拒金" in text(event, ".zones")
    assert "在哪里展出 活动 第二站 活动 巡演第一站" in text(page(site, "stories/a.html"), ".entry__side")
    assert broken_links(site) == []


def test_events_are_listed_from_the_latest_with_their_days(site: Path) -> None:
    listed = [" ".join(card.text(separator=" ").split()) for card in page(site, "events/index.html").css(".card")]
    assert "第二站" in listed[0]
    assert "活动 巡演 2026 年 11 月 30 日—12 月 7 日 改期 巡演第一站" in listed[1]
    assert "活动 2 场" in text(page(site, "index.html"), ".doors")
    search = page(site, "search.html").css_first("[data-labels]")
    assert search is not None
    assert json.loads(search.attributes["data-labels"] or "")["event"] == "活动"


def test_the_stops_of_a_tour_follow_each_other(site: Path) -> None:
    assert text(page(site, "events/a.html"), ".neighbours") == "下一场 第二站"
    assert text(page(site, "events/b.html"), ".neighbours") == "上一场 巡演第一站"


def test_machines_read_an_events_days_place_and_state(site: Path) -> None:
    node = page(site, "events/a.html").css_first('script[type="application/ld+json"]')
    assert node is not None
    said = json.loads(node.text())
    assert said["@type"] == "Event"
    assert (said["startDate"], said["endDate"]) == ("2026-11-30", "2026-12-07")
    assert said["location"] == {"@type": "Place", "name": "某村戏台"}
    assert said["organizer"] == {"@type": "Organization", "name": "某文化馆"}
    assert said["eventStatus"] == "https://schema.org/EventRescheduled"
    rows = {r["objectid"]: r for r in csv.DictReader(io.StringIO((site / "catalogue.csv").read_text("utf-8-sig")))}
    assert rows["events/a"]["date"] == "2026-11-30/2026-12-07"
    assert rows["events/a"]["location"] == "某村戏台"


def test_without_events_there_is_nothing_of_them(tmp_path: Path) -> None:
    made = build(tmp_path, {"stories/a.md": {"set": {}}})
    named = [path for path in contents(made) if "event" in path and not path.startswith("assets/")]
    assert named == []
    for path, data in contents(made).items():
        if not path.startswith("assets/") and path.endswith((".html", ".js", ".json", ".csv", ".xml")):
            assert "活动" not in data.decode("utf-8", "replace"), path
            assert "events/" not in data.decode("utf-8", "replace"), path


def test_an_edited_event_gives_the_site_of_a_whole_build(county: County) -> None:  # noqa: F811
    county.renew()
    path = "docs/events/a.md"
    story = "stories/gu-shi-0"
    for values in (
        {**EVENT, "shows": [story]},
        {**EVENT, "shows": [story], "days": ["2026-11-29"]},
        {**EVENT, "shows": [], "venue": "某校", "event_status": "取消"},
    ):
        county.entries[path], county.bodies[path] = values, "一场。"
        county.write(path)
        county.renew()
        same(county)
    del county.entries[path]
    (county.root / path).unlink()
    county.renew()
    same(county)
