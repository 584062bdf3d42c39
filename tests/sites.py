"""Building a small archive into a real site, and reading it back."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from integrity_archive.mkdocs.build_site import build_plan
from integrity_archive.support.progress import no_progress
from trees import MKDOCS_YML, write_tree

LOADS = {
    "script": "src",
    "img": "src",
    "link:not([rel=canonical])": "href",
    "source": "src",
    "video": "src",
    "track": "src",
    "iframe": "src",
}

SWITCHED_OFF = (
    # Two pages of its own that Chromium loads for the address bar of every window, though nobody sees a window here:
    # more than half the work of opening a page.
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI,"
    # What Playwright switches off: of several such lists the last counts.
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "msForceBrowserSignIn,msEdgeUpdateLaunchServicesPreferredVersion"
)
CHROMIUM = ["--no-sandbox", f"--disable-features={SWITCHED_OFF}"]
"""How Chromium is started."""


def build(folder: Path, files: Mapping[str, Any], mkdocs_yml: str = MKDOCS_YML) -> Path:
    """Write the tree, build it, and return the site's folder."""
    root = folder / "archive"
    write_tree(root, files)
    (root / "mkdocs.yml").write_text(mkdocs_yml, "utf-8")
    if not (root / "docs/index.md").exists():
        (root / "docs/index.md").write_text("---\ntitle: 首页\ntemplate: home.html\n---\n欢迎。\n", "utf-8")
    build_plan(str(root), str(folder / "site"), no_progress)
    return folder / "site"


def page(site: Path, url: str) -> LexborHTMLParser:
    """A page of the site, parsed."""
    return LexborHTMLParser((site / url).read_text("utf-8"))


def pages(site: Path) -> Iterator[tuple[str, LexborHTMLParser]]:
    """Every page of the site except the theme's own leftovers."""
    for path in sorted(site.rglob("*.html")):
        url = path.relative_to(site).as_posix()
        yield url, page(site, url)


def text(tree: LexborHTMLParser, selector: str = "body") -> str:
    """What a reader reads below a selector, on one line."""
    node = tree.css_first(selector)
    return " ".join(node.text(separator=" ").split()) if node else ""


def broken_links(site: Path) -> list[str]:
    """Links and loads that lead nowhere within the site, and loads from outside it.

    A time in a film is a place on its page: ``#t=12.5`` (https://www.w3.org/TR/media-frags/).
    """
    trees = dict(pages(site))
    anchors = {url: {n.attributes["id"] for n in tree.css("[id]")} for url, tree in trees.items()}
    faults = []
    for url, tree in trees.items():
        if url == "404.html":
            continue
        targets = [(n.attributes.get("href") or "", False) for n in tree.css("a[href]")]
        targets += [(n.attributes.get(k) or "", True) for tag, k in LOADS.items() for n in tree.css(f"{tag}[{k}]")]
        for target, loads in targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if loads and parts.scheme != "data":
                    faults.append(f"{url}: loads {target}")
                continue
            path = (
                posixpath.normpath(posixpath.join(posixpath.dirname(url), unquote(parts.path))) if parts.path else url
            )
            if not (site / path).is_file():
                faults.append(f"{url}: {target} is not there")
            elif parts.fragment.startswith("t=") and path in trees and trees[path].css_first("video"):
                continue
            elif parts.fragment.startswith("add=") and path == "my-list.html":
                continue  # what the list is to take
            elif parts.fragment and unquote(parts.fragment) not in anchors.get(path, {unquote(parts.fragment)}):
                faults.append(f"{url}: {target} has no such anchor")
    return faults
