"""Benchmark: measures the archive against its budgets, as ratios within one run. Not a test, because times vary.

In: a number of entries to make up, or a folder of texts. Out: a table, and ``docs/measured.yml`` for the handbook.
Never here: what a build needs.
"""
