"""Content: reads the archive's folders into typed entries and pages; each fault is a problem with its place.

In: Markdown, YAML and the vocabulary. Out: ``Entry``, ``Document``, converted bodies, problems.
Never here: how entries are related, checked against each other, displayed or packed.
"""
