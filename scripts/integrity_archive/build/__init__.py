"""Make: the pipeline that composes everything below, what the last build left behind, and output folders.

In: an archive's folder and an edition. Out: a plan of pages and files. Never here: MkDocs, command line.
"""
