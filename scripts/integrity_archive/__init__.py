"""A county's integrity-culture archive: Markdown in, one searchable static site out.

The folders are named after the stages of the pipeline::

    load -> check -> relate -> plan -> render -> pack

``cli`` and ``mkdocs`` are the edges: the command line and MkDocs. Nothing else imports MkDocs.
"""
