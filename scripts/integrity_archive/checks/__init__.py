"""Checks: all problems of an archive at once, found by rules, which are functions that return problems.

In: what was loaded, and what features bring. Out: problems with place, value, fault and remedy.
Never here: printing, raising, changing, or the name of a feature, whose rules stand in its own folder.
"""
