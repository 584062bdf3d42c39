"""Proof: what an editor still has to do: compares entries with digitised books, and finds gaps and repetitions.

In: entries, and a folder of books that is never part of the archive. Out: findings, each with its place and the
passages compared; sections of the report. Never here: changing entries, or copying text from the books into them.
"""
