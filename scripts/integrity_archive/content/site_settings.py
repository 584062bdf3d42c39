"""Site settings: name, organiser and public address of the site, and the plugin's options."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, StrictInt, StrictStr

from integrity_archive.content.model.field_types import Part, fault

LANGUAGE = "zh-Hans"
PIN = re.compile(r"[0-9]{4,8}")
IDLE = range(20, 601)
"""Seconds."""
FilmSize = Literal["720", "480"]
FILM_SIZES: tuple[str, ...] = get_args(FilmSize)
"""Heights in pixels that a recorded film may have in a site, the usual one first."""


def _pin(value: Any) -> Any:
    if value != "" and not (isinstance(value, str) and PIN.fullmatch(value)):
        raise fault("pin", "不是 4 至 8 位数字的密码", '写成带引号的数字，如 "2580"')
    return value


def _idle(value: Any) -> Any:
    if type(value) is not int or value not in IDLE:
        raise fault("idle", "不是 20 至 600 之间的整数", "写秒数，如 60")
    return value


def _film_size(value: Any) -> Any:
    if value not in FILM_SIZES:
        raise fault("film-size", "没有这种大小", "写成带引号的 " + " 或 ".join(f'"{size}"' for size in FILM_SIZES))
    return value


class PluginOptions(Part):
    """Options of the plugin in ``mkdocs.yml``: from here MkDocs, the checks and the handbook have them."""

    place: StrictStr = ""
    """本馆所属的县市，显示在页脚"""
    organiser: StrictStr = ""
    """主办单位，显示在页脚，写进目录；没有就用馆名"""
    contact: StrictStr = ""
    """联系方式（电话、邮箱或信箱地址），显示在页脚，请读者指出差错；没有就不写这句话"""
    film_size: Annotated[FilmSize, BeforeValidator(_film_size)] = "720"
    """摄像机拍的影片在网站里的大小："720" 像素高，小 U 盘用 "480" 的"""
    kiosk_pin: Annotated[StrictStr, BeforeValidator(_pin)] = ""
    """触摸屏维护页的密码，4 至 8 位数字；生成触摸屏版时必须有"""
    kiosk_idle: Annotated[StrictInt, BeforeValidator(_idle)] = 60
    """触摸屏没人动多少秒后问“还在看吗？”，20 至 600"""
    rights: StrictStr = "CC BY 4.0"
    """条目没有写 rights 时的权利说明"""


class Site(PluginOptions):
    """What pages and catalogues say about the archive itself."""

    name: str = "清廉文化数字馆"
    """``site_name`` in ``mkdocs.yml``."""
    description: str = ""
    """``site_description`` in ``mkdocs.yml``."""
    url: str = ""
    """Public address, ending in ``/``; empty for none."""

    def absolute(self, url: str) -> str:
        """The full address of a page, or its path below the root if the site has no address."""
        return self.url + url if self.url else url
