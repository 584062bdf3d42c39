"""Publish: documents for print and office: teacher packs, books, posters.

In: ``Archive``, bodies, films. Out: PDF, DOCX, PPTX, EPUB, ZIP. Never here: pages of the site.
"""
