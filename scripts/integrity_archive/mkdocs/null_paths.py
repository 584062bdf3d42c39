"""Null paths: requests whose path contains a NUL get status 404, because no file can have such a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def without_null_paths(app: WSGIApplication) -> WSGIApplication:
    """Wrap ``app`` so that it does not get such requests: opening the file would raise an error in the server."""

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "\0" not in environ.get("PATH_INFO", ""):
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return ["没有这一页".encode()]

    return guarded
