"""Archive: entries related to each other, grouped by facet; the editions, and which entries and files each may contain.

In: ``Entry`` values. Out: ``Archive``, a graph that holds only what the edition admits; paths of files.
Never here: HTML, the content of files, rules about what an author should have written.
"""
