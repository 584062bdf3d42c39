"""Lessons: the parts of a lesson other than its page: slides, clips of films, the quiz as QTI, list items.

In: lesson entries and films. Out: slides, clips, packages, problems. Never here: paper and office files.
"""
