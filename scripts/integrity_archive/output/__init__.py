"""Output: folders and files that commands write: where they may be, which files in them are ours, atomic replacement.

In: a finished folder or file and a destination. Out: the destination, in which files of others are unchanged.
Never here: what is written.
"""
