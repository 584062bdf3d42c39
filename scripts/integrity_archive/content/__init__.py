"""Read: the archive's folders to typed entries and pages, each fault as a problem with its place.

In: Markdown, YAML and the vocabulary. Out: ``Entry``, ``Document``, converted bodies, problems.
Never here: how entries are related, checked against each other, shown or packed.
"""
