"""USB: sticks: manifest, synchronising, verifying, deltas, signatures, ZIM. Works on a finished edition.

In: a built site and a destination. Out: a stick, a delta, a verdict. Never here: the text of pages.
"""
