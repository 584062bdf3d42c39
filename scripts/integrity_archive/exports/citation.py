"""Citation: sources as one line, and entries as a reader cites them."""

from __future__ import annotations

from integrity_archive.content.entry import Entry
from integrity_archive.content.model.record import Quote, Source
from integrity_archive.content.site_settings import Site

PRESS = "新闻"
"""Label of the tier of newspapers, stations and websites."""


def cite(source: Source | Quote) -> str:
    """A source, or the source of a quotation, on one line: 《后汉书》卷五十四 杨震列传.

    A source from the press is a website as often as a paper, so its name gets no title marks: 大众网，官箴碑报道.
    """
    locator = "" if source.locator == "全文" else source.locator
    if getattr(source, "tier", None) == PRESS:
        return "，".join(filter(None, (source.work, locator)))
    return f"《{source.work}》{locator}"


def citation(entry: Entry, site: Site) -> str:
    """The entry as a reader cites it, GB/T 7714—2015 [EB/OL]; ``{today}`` is replaced by the day of access."""
    day = f"({entry.meta.updated.isoformat()})" if entry.meta.updated else ""
    address = f" {site.absolute(entry.url)}." if site.url else ""
    return f"{site.organiser or site.name}. {entry.meta.title}[EB/OL]. {day}[{{today}}].{address}"
