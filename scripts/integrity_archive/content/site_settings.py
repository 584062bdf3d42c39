"""Site settings: name, organiser and public address of the site, and the plugin's options."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_NAME = "清廉文化数字馆"
DEFAULT_RIGHTS = "CC BY 4.0"
DEFAULT_IDLE = 60
"""Seconds."""
LANGUAGE = "zh-Hans"


FILM_SIZES = ("720", "480")
"""Heights in pixels that a recorded film may have in a site, the usual one first."""


@dataclass(frozen=True)
class Option:
    """An option of the plugin in ``mkdocs.yml``."""

    name: str
    default: str
    doc: str
    """Description for authors, in Chinese."""


OPTIONS = (
    Option("place", "", "本馆所属的县市，显示在页脚"),
    Option("organiser", "", "主办单位，显示在页脚，写进目录；没有就用馆名"),
    Option("contact", "", "联系方式（电话、邮箱或信箱地址），显示在页脚，请读者指出差错；没有就不写这句话"),
    Option("film_size", FILM_SIZES[0], '摄像机拍的影片在网站里的大小："720"，或给小 U 盘的 "480"'),
    Option("kiosk_pin", "", "触摸屏维护页的密码，4 至 8 位数字；生成触摸屏版时必须有"),
    Option("kiosk_idle", str(DEFAULT_IDLE), "触摸屏没人动多少秒后问“还在看吗？”，20 至 600"),
    Option("rights", DEFAULT_RIGHTS, "条目没有写 rights 时的权利说明"),
)


@dataclass(frozen=True)
class Site:
    """What pages and catalogues say about the archive itself."""

    name: str = DEFAULT_NAME
    description: str = ""
    place: str = ""
    """County or city the archive belongs to."""
    organiser: str = ""
    """Institution that runs the archive."""
    contact: str = ""
    """Where readers report mistakes; empty for none."""
    film_size: int = int(FILM_SIZES[0])
    """Shorter side of a recorded film, in pixels."""
    kiosk_pin: str = ""
    """Digits that open the maintenance page of a touch screen; empty for none."""
    kiosk_idle: int = DEFAULT_IDLE
    """Seconds without a touch after which a touch screen asks whether anyone is there."""
    rights: str = DEFAULT_RIGHTS
    """Rights of entries that do not state their own."""
    url: str = ""
    """Public address, ending in ``/``; empty for none."""

    def absolute(self, url: str) -> str:
        """The full address of a page, or its path below the root if the site has no address."""
        return self.url + url if self.url else url
