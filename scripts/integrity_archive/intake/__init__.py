"""Intake: the pictures of authors, opened and measured.

In: picture files. Out: their size, and what is wrong with them.
Never here: films (``films``), models of entries, output.
"""
