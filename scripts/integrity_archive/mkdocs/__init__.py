"""Edge: the only folder that imports MkDocs: its plugin, running it, and ``mkdocs serve``.

In: ``mkdocs.yml`` and a build plan. Out: a site. Never here: what a page says.
"""
