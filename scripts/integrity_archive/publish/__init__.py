"""Out: what leaves on paper and for the office: teacher packs, books, posters.

In: ``Archive``, bodies, films. Out: PDF, DOCX, PPTX, EPUB. Never here: pages of the site.
"""
