"""Exports: formats for machines: JSON-LD, catalogue, feed, sitemaps, citations.

In: ``Archive``. Out: bytes and strings in public formats. Never here: pages for people.
"""
