"""A county's integrity-culture archive: Markdown in, one searchable static site out.

The modules are named after the stages of the pipeline::

    load -> check -> relate -> render -> export

``cli`` and ``plugin`` are the edges: the command line and MkDocs. Nothing else imports MkDocs.
"""
