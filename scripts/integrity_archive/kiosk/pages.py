"""Pages: the page specs of the kiosk folder: touch screen, public screen, start pages and set-up instructions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrity_archive.kiosk.attract_loop import attract_reel, signage
from integrity_archive.kiosk.screens import Screens
from integrity_archive.site.edition_content import EditionContent
from integrity_archive.site.home import Home
from integrity_archive.site.page_spec import PageContent, PageSpec
from integrity_archive.support.resources import version


def kiosk_page_specs(content: EditionContent, screens: Screens, home: Home) -> list[PageSpec]:
    """The pages that only a kiosk edition has."""
    archive, films, loaded, site, edition = (
        content.archive,
        content.films,
        content.loaded,
        content.site,
        content.edition,
    )
    sayings = loaded.sayings.checked
    hall = archive.entries.get(edition.hall)
    shell = {
        "settings": {
            "idle": site.kiosk_idle,
            "pin": site.kiosk_pin,
            "reel": attract_reel(archive, films, sayings, edition.hall),
        },
        "hall": hall,
        "version": version(),
        "dated": archive.dated,
    }
    screen = {
        "settings": {
            "programmes": signage(screens.programmes, archive, films, sayings, home.terms),
            "days": home.days,
        }
    }
    install = {"hall": hall, "idle": site.kiosk_idle}
    return [
        _spec("kiosk.md", site.name, "kiosk/shell.html", shell),
        _spec("signage.md", "抬头见廉", "kiosk/signage.html", screen),
        _spec("folder-index.md", site.name, "kiosk/folder-door.html", {"to": "kiosk.html", "label": "触摸屏"}),
        _spec("folder-signage.md", site.name, "kiosk/folder-door.html", {"to": "signage.html", "label": "抬头见廉"}),
        _spec("folder-install.md", site.name, "kiosk/folder-install.html", install),
    ]


def _spec(uri: str, title: str, template: str, context: Mapping[str, Any]) -> PageSpec:
    content = PageContent(title, "", context=context)
    return PageSpec(uri, None, template, lambda: content)
