"""Search: Chinese full-text search for a static site, from documents to files.

The package knows nothing about the rest of the archive and can be used alone::

    from integrity_archive.search.build import build_search
    files = build_search([SearchDocument("a", "a.html", "一鸣惊人", "story", (SearchField("body", "齐威王之时……"),))])
    for path, content in files.items():
        (site / path).write_bytes(content)

The format is described in ``build``; ``overrides/assets/js/search-index.js`` reads it.
"""

from .documents import FacetOrder, SearchDocument, SearchField

__all__ = ["FacetOrder", "SearchDocument", "SearchField"]
