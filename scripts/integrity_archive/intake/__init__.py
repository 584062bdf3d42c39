"""Intake: what comes from cameras and office programs, opened and measured.

In: files of authors. Out: what they are, and what is wrong with them. Never here: models of entries, output.
"""
