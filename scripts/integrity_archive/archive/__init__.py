"""Archive: entries related to each other, grouped by facet, and which edition may contain them.

In: ``Entry`` values. Out: ``Archive``, a graph that holds only what the edition admits.
Never here: HTML, files, rules about what an author should have written.
"""
