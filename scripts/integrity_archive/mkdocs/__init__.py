"""MkDocs: the only package that imports MkDocs: the plugin, running it, and ``mkdocs serve``.

In: ``mkdocs.yml`` and a build plan. Out: a site. Never here: the content of pages.
"""
