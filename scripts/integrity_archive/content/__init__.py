"""Content: reads the archive's folders and settings into typed values; each fault is a problem with its place.

In: Markdown, YAML, the vocabulary, ``mkdocs.yml``. Out: ``Entry``, ``Document``, converted bodies, problems.
Never here: how entries are related, checked against each other, displayed or packed.
"""
