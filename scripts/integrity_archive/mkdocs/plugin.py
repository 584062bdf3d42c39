"""Plugin: hands MkDocs the archive's files, pages and template data, and takes dead links out of the pages."""

from __future__ import annotations

import errno
import os
import posixpath
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, get_args

import click
import jinja2
from markupsafe import Markup
from mkdocs.config import config_options as option
from mkdocs.config.base import BaseConfigOption
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils.templates import TemplateContext
from pydantic.fields import FieldInfo

from integrity_archive.archive.edition import WEB, Edition
from integrity_archive.archive.publication import HOSTING
from integrity_archive.build.config_hash import config_hash
from integrity_archive.build.garbage import resume_collection, without_collection
from integrity_archive.build.output_folder import move_tree
from integrity_archive.build.pipeline import IncrementalOptions, Plan, prepare
from integrity_archive.build.state import DamagedError, State
from integrity_archive.content.entry import FOLDERS, page_url, section
from integrity_archive.content.leftovers import is_leftover
from integrity_archive.content.model.schema import KINDS
from integrity_archive.content.settings import FOR_PROGRAMMERS, check_settings
from integrity_archive.content.site_settings import PluginOptions, Site
from integrity_archive.kiosk.external_links import without_external_links
from integrity_archive.kiosk.names import FRAMES
from integrity_archive.mkdocs.fragment_cache import FragmentCache
from integrity_archive.mkdocs.null_paths import without_null_paths
from integrity_archive.mkdocs.plain_build import PlainBuild
from integrity_archive.mkdocs.template_cache import TemplateCache
from integrity_archive.output.destination import OutputError
from integrity_archive.output.file_record import files_in
from integrity_archive.site.csp import policy
from integrity_archive.site.dead_links import without_dead_links
from integrity_archive.site.page_spec import PageSpec
from integrity_archive.site.pages import DECK
from integrity_archive.site.pictures import with_renditions
from integrity_archive.site.views import FILTERS, RELATED_LIMIT, lengths_of
from integrity_archive.support.problems import Problem, as_text, errors, why
from integrity_archive.support.progress import Progress, no_progress
from integrity_archive.support.resources import overrides_dir

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

log = get_plugin_logger("archive")

KIOSK_ASSETS = ("assets/js/kiosk/", "assets/css/kiosk/")
"""What only a kiosk edition needs."""
UNUSED = ("assets/javascripts/", "assets/images/favicon.png", "assets/stylesheets/palette.", "sitemap.xml")
"""What the theme brings and no page of ours loads: its search, its palette, what it needs for them, and a sitemap that
would date every page with the day of the build."""


class BuildStoppedError(Abort):
    """MkDocs stops, and says only this message, in Chinese; other errors of a plugin it announces in English."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"错误：{self.format_message()}", file=file, err=file is None)


class ArchivePage(Page):
    """A page whose content the archive has made: MkDocs only wraps it in its template."""

    def __init__(self, spec: PageSpec, file: File, config: MkDocsConfig) -> None:
        super().__init__(None, file, config)
        self.spec = spec

    def read_source(self, config: MkDocsConfig) -> None:
        self.markdown = ""
        self.meta = {
            "title": self.spec.content.title,
            "description": self.spec.content.description,
            "template": self.spec.template,
        }

    def render(self, config: MkDocsConfig, files: Files) -> None:
        self.content = Markup(self.spec.content.html)  # noqa: S704 - made by the archive's converter, checked by raw_html
        self.toc = get_toc([])
        self.present_anchor_ids = set(self.spec.content.anchors)


def _option(field: FieldInfo) -> BaseConfigOption[Any]:
    """An option of the plugin for MkDocs, which looks at its type; its value is looked at by ``content.settings``."""
    choices, default = get_args(field.annotation), field.default
    return option.Choice(choices, default=default) if choices else option.Type(type(default), default=default)


class ArchivePlugin(BasePlugin):  # type: ignore[no-untyped-call,type-arg]
    """Builds the archive beside ``mkdocs.yml`` into the site."""

    config_scheme = tuple((name, _option(field)) for name, field in PluginOptions.model_fields.items())

    progress: Progress = staticmethod(no_progress)
    """Shows progress; the command line sets one."""
    edition: Edition = WEB
    """What is built; the command line sets another."""
    state: State | None = None
    """Where the builds of this site are remembered; the command line sets one, and ``mkdocs serve`` has its own."""
    placed = False
    """Whether whoever runs the build puts the site in its place; the command line does."""
    serving = False
    """Whether pages are only shown by ``mkdocs serve``."""
    marker_before: str
    """See ``BuildRecord.marker``: of the site that the last build gave."""
    _restore: Callable[[], None] = staticmethod(lambda: None)
    """Sets the place of the site back to the one that was asked for."""
    _plain: PlainBuild | None = None
    """What puts the site of ``mkdocs build`` in its place."""
    _finishing: Thread | None = None
    """What is still done for the build before."""
    plan: Plan
    _urls: frozenset[str]
    """Addresses of all pages of the site. MkDocs keeps the plugin for the next build, which has others."""

    def load_config(self, options: dict[str, Any], config_file_path: str | None = None) -> tuple[Any, Any]:
        """Take the options from ``mkdocs.yml``; what is wrong with them is said in Chinese."""
        faults, doubts = super().load_config(options, config_file_path)
        if faults and (problems := errors(check_settings(os.path.dirname(config_file_path or "")))):
            raise BuildStoppedError(as_text(problems))
        return faults, doubts

    def on_startup(self, command: str, dirty: bool) -> None:
        self.serving = command == "serve"
        if self.serving:
            self._own = TemporaryDirectory(prefix="archive-serve-")
        if not self.placed:
            # MkDocs keeps the plugin for all builds of a process; these are of the one before.
            self.state, self.edition = None, WEB
        self._plain = None if self.serving or self.placed else PlainBuild()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        root = Path(config.config_file_path or "mkdocs.yml").resolve().parent
        if self._plain:
            self._begin(self._plain, str(root), config)
        config.use_directory_urls = False
        config.watch.extend(str(root / folder) for folder in FOLDERS if (root / folder).is_dir())
        _add_theme_dir(config, overrides_dir())
        # The theme's sitemap would date every page with the day of the build; a page for a lost one needs a server.
        lost = {"404.html"} if self.edition.is_kiosk or self.edition.is_usb else set()
        config.theme.static_templates -= {"sitemap.xml"} | lost
        if self._finishing:
            self._finishing.join()
        if self.serving and self.state is None:
            self.state = State(Path(self._own.name), Path(config.site_dir))
        with without_collection():
            plan, problems = self._planned(str(root), config)
        _report(problems)
        if plan is None:
            count = len(errors(problems))
            raise BuildStoppedError(
                f"有 {count} 处错误，没有生成网站，原因见上。改好后再运行；单独检查用 archive check。"
            )
        self.plan = plan
        self._urls = frozenset(map(page_url, plan.pages))
        return config

    def _begin(self, plain: PlainBuild, root: str, config: MkDocsConfig) -> None:
        """Have MkDocs write beside the place of the site."""
        site_dir = config.site_dir
        try:
            config.site_dir = plain.begin(root, site_dir)
        except OutputError as error:
            raise BuildStoppedError(str(error)) from None
        self._restore = lambda: setattr(config, "site_dir", site_dir)

    def _planned(self, root: str, config: MkDocsConfig) -> tuple[Plan | None, list[Problem]]:
        """What has changed since the last build of this site, or everything."""
        site = self.site_of(config)
        if list(config.plugins) != ["archive"] or config.hooks:
            self.state = None  # what others do with a page may depend on anything
        if self.state is None:
            return prepare(root, site, self.edition, self.progress)
        own = [Path(config.theme.custom_dir)] if config.theme.custom_dir else []
        settings = config_hash(root, site, self.edition, [*_settings(config), *_copied(config)], own)
        self.marker_before = self.state.record(settings).marker
        last = IncrementalOptions(self.state, settings, _in_nav(config))
        plan, problems = prepare(root, site, self.edition, self.progress, last)
        if plan and not plan.whole:
            config.theme.get_env = _unlisted(config.theme.get_env)  # type: ignore[method-assign]
            if self.serving:
                config.site_dir = mkdtemp(prefix="archive-changed-", dir=self.state.target.parent)
        return plan, problems

    def remember(self, marker: str) -> bool:
        """Remember this build, now that the site is in its place; whether that could be done.

        Args:
            marker: see ``BuildRecord.marker``.
        """
        memory, search = self.plan.memory, self.plan.search
        if self.state is None or memory is None:
            return False
        try:
            record = replace(memory.record, marker=marker)
            self.state.note(record, memory.changes, memory.rows, search.kept)
        except OSError as error:
            self.state.forget()
            log.warning("下一次生成要全部重做：缓存写不进去（%s）", why(error))
            return False
        return True

    def write_search(self, site: Path, before: Iterable[str]) -> frozenset[str]:
        """Put the files of the search into a site; those of the last build's search that it has no more.

        Args:
            site: the folder.
            before: every file of the last build.
        """
        return self.plan.search.write(site, frozenset(path for path in before if path.startswith("search/")))

    def site_of(self, config: MkDocsConfig) -> Site:
        """What ``mkdocs.yml`` says of the archive."""
        options = {name: self.config[name] for name in PluginOptions.model_fields}
        url = _with_slash(config.site_url or "")
        # Not validated again: the checks report what is wrong with an option, and where.
        return Site.model_construct(
            name=config.site_name, description=config.site_description or "", url=url, **options
        )

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        named = _named_files(config)
        for file in list(files):
            if not self._keeps(file, config, named):
                files.remove(file)
        for file in self._files(config):
            files.append(file)
        # What is made around some entries may have none of some of the sections that the site names.
        if config.nav is None or self.edition.partial:
            config.nav = self.plan.nav()
        return files

    def _keeps(self, file: File, config: MkDocsConfig, named: frozenset[str]) -> bool:
        """Whether a file that MkDocs found by itself is in the site: of ``docs/`` only what the settings name."""
        if not self.plan.whole:
            return False  # the files of theme and archive stay as they are
        if is_leftover(posixpath.basename(file.src_uri)):
            return False
        if file.src_dir == config.docs_dir:
            return file.src_uri in named or (file.src_uri in HOSTING and self.edition == WEB)
        unused = file.src_uri.startswith(UNUSED) or file.src_uri.endswith(FOR_PROGRAMMERS)
        return not unused and (self.edition.is_kiosk or not file.src_uri.startswith(KIOSK_ASSETS))

    def _files(self, config: MkDocsConfig) -> Iterator[File]:
        for spec in self.plan.page_specs:
            file = File.generated(config, spec.uri, content="", inclusion=InclusionLevel.NOT_IN_NAV)
            file.edit_uri = spec.path
            ArchivePage(spec, file, config)
            yield file
        for uri, path in self.plan.media.items():
            yield File.generated(config, uri, abs_src_path=path)
        for uri, content in self.plan.exports.items():
            yield File.generated(config, uri, content=content)

    def on_env(self, env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
        env.autoescape = _own_templates(overrides_dir())
        env.bytecode_cache = TemplateCache()
        env.add_extension(FragmentCache)
        env.filters.update(FILTERS)
        env.globals.update(
            site=self.plan.site,
            edition=self.edition,
            archive=self.plan.archive,
            site_pages=frozenset(self.plan.pages),
            related_limit=RELATED_LIMIT,
            policy=policy,
            serving=self.serving,
            film_lengths=lengths_of(self.plan.films),
        )
        return env

    def on_page_context(
        self, context: TemplateContext, page: Page, config: MkDocsConfig, nav: Any
    ) -> TemplateContext | None:
        if isinstance(page, ArchivePage):
            context.update(page.spec.content.context)  # type: ignore[typeddict-item]
        return context

    def on_post_build(self, config: MkDocsConfig) -> None:
        # Whoever only changes a site has more to do, or to show, while the search is made ready.
        if self.state is None or self.plan.whole:
            self.plan.search.write(Path(config.site_dir))
        if self.serving and self.state:
            if self.plan.whole:
                self.remember("")
            else:
                move_tree(Path(config.site_dir), self.state.target)
                rmtree(config.site_dir, ignore_errors=True)
                self._finishing = Thread(target=self._finish, args=(self.state.target,))
                self._finishing.start()
        resume_collection()

    def _finish(self, served: Path) -> None:
        """Bring the search of a changed site up to date, while its pages are shown already."""
        try:
            before = [path for path, _ in files_in(served)]
            for path in self.write_search(served, before) | self.plan.removed:
                (served / path).unlink(missing_ok=True)
            self.remember("")
        except OSError as error:
            log.error("检索没有更新：%s。腾出磁盘空间，再保存一次", why(error))
        except DamagedError:
            assert self.state is not None
            self.state.forget()
            log.error("检索没有更新：记着上次结果的文件坏了。再保存一次，会全部重做")

    def on_serve(self, server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]) -> LiveReloadServer:
        from integrity_archive.mkdocs.watching import watch_by_the_system  # only a server needs it

        _require_port(str(server.server_address[0]), server.server_address[1])
        server.set_app(without_null_paths(server.get_app()))  # type: ignore[arg-type]
        watch_by_the_system(server, config.docs_dir, *filter(None, [config.config_file_path]), *config.theme.dirs)
        return server

    def on_shutdown(self) -> None:
        if self._plain:
            try:
                placed = self._plain.finish()
            except OutputError as error:
                raise BuildStoppedError(str(error)) from None
            if placed and placed.note:
                log.warning("%s", placed.note)
            self._restore()  # `mkdocs gh-deploy` takes the site from there

    def on_build_error(self, error: Exception) -> None:
        if self._plain:
            self._plain.drop()
        if hasattr(self, "plan"):
            self.plan.search.drop()
        if self.state and isinstance(error, DamagedError):
            self.state.forget()
        resume_collection()

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        if not isinstance(page, ArchivePage) or page.spec.uri in FRAMES:
            return output
        slides = page.spec.template == DECK
        output = with_renditions(output, page.url, self.plan.pictures, slides=slides)
        if self.edition.partial and not self.edition.is_kiosk:
            return without_dead_links(output, page.url, self._urls.__contains__)
        if not self.edition.is_kiosk:
            return output
        title = page.spec.content.title
        return without_external_links(output, page.url, title, self.plan.site, self._urls.__contains__)


def _require_port(host: str, port: int) -> None:
    """Stop if another program listens where MkDocs is going to.

    Raises:
        BuildStoppedError: it does, or this computer has no such address.
    """
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        what = "已有别的程序（也许是另一个 mkdocs serve）在用" if error.errno == errno.EADDRINUSE else why(error)
        raise BuildStoppedError(
            f"{host} 的 {port} 端口用不了：{what}。关掉它，或换一个端口，如 mkdocs serve -a localhost:{port + 1}。"
        ) from None


def _add_theme_dir(config: MkDocsConfig, folder: str) -> None:
    """Our templates come after a site's own ``custom_dir`` and before the theme's."""
    if not any(os.path.samefile(folder, d) for d in config.theme.dirs if os.path.isdir(d)):
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, folder)


def _own_templates(folder: str) -> Callable[[str | None], bool]:
    """MkDocs escapes nothing; every template of ours does, while those of the theme expect HTML as it is."""
    names = {
        os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")
        for where, _, found in os.walk(folder)
        for name in found
        if name.endswith(".html")
    }
    return lambda name: name in names


def _unlisted(get_env: Callable[[], jinja2.Environment]) -> Callable[[], jinja2.Environment]:
    """An environment that names no files of the theme: it has fourteen thousand, and an edit changes none."""

    def unlisted() -> jinja2.Environment:
        env = get_env()
        env.list_templates = lambda *_, **__: []  # type: ignore[method-assign]
        return env

    return unlisted


def _settings(config: MkDocsConfig) -> list[tuple[str, object]]:
    """What is set in ``mkdocs.yml`` or beside it, less the places."""
    plain = (str, int, float, list, dict, type(None))
    apart = ("site_dir", "docs_dir", "config_file_path", "watch", "plugins")
    return [(name, value) for name, value in sorted(config.items()) if isinstance(value, plain) and name not in apart]


def _copied(config: MkDocsConfig) -> Iterator[tuple[str, int, int]]:
    """Size and time of the files below ``docs/`` that are in the site because of the settings or of their names."""
    for name in sorted({*_named_files(config), *HOSTING}):
        with suppress(OSError):
            stat = os.stat(os.path.join(config.docs_dir, name))
            yield name, stat.st_size, stat.st_mtime_ns


def _in_nav(config: MkDocsConfig) -> frozenset[str]:
    """Pages that the navigation names; those of the collections where it names none."""
    if config.nav is None:
        return frozenset(["index.md", *(f"{section(kind)}/index.md" for kind in KINDS)])
    found: set[str] = set()
    pending: list[object] = [config.nav]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str):
            found.add(item)
    return frozenset(found)


def _named_files(config: MkDocsConfig) -> frozenset[str]:
    """Files below ``docs/`` that the settings put into every page."""
    named = [*config.extra_css, *config.extra_javascript, config.theme.get("logo"), config.theme.get("favicon")]
    return frozenset(str(name) for name in named if name)


def _with_slash(url: str) -> str:
    return url if not url or url.endswith("/") else url + "/"


def _report(problems: list[Problem]) -> None:
    warnings = [p for p in problems if p.severity == "warning"]
    faults = errors(problems)
    if warnings:
        log.info("提醒 %d 条：\n%s", len(warnings), as_text(warnings))
    if faults:
        log.error("错误 %d 处：\n%s", len(faults), as_text(faults))
