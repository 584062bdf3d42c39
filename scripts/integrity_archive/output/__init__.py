"""Ground: the folders and files that commands write: where they may be, whose they are, how they get there whole.

In: a finished folder or file and a destination. Out: the destination, with everything that is not ours kept.
Never here: what is written.
"""
