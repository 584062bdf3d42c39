"""Proof: compares entries with digitised books.

In: entries, and a folder of books that is never part of the archive. Out: findings, each with its place and the
passages compared. Never here: changing entries, or copying text from the books into them.
"""
