"""Build: the pipeline that composes everything below, and the state of the last build, from which an edit goes on.

In: an archive's folder, an edition, the state. Out: problems, a plan of pages and files, the new state.
Never here: MkDocs, command line, the content of pages.
"""
