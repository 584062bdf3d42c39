"""Checks: all problems of an archive at once, found by rules, which are functions that return problems.

In: what was loaded. Out: problems with place, value, fault and remedy. Never here: printing, raising, changing, or the
name of a feature, which brings its rules itself.
"""
