"""Model: what may be written in front matter and data files.

In: nothing but values. Out: frozen models with every field, its docs and its marks; facts; the vocabulary.
Never here: files and how they are read (the folder above), pages.
"""
