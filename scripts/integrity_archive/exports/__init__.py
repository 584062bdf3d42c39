"""Exports: formats for machines: JSON-LD, catalogue, feed, sitemaps; and citations, which people read too.

In: ``Archive`` or entries. Out: bytes and strings in public formats.
Never here: pages for people, or where in a site the files lie, which ``build.pipeline`` says.
"""
