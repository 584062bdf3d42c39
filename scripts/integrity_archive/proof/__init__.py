"""Proof: entries held against digitised books. In: read entries, and a folder of books that is never part of the
archive. Out: findings, each with its place and the passage beside it. Never here: writing into entries, or taking
anything from the books into them."""
