"""Site: the content of all pages, before any template is filled: page specs, views, lists, search documents.

In: ``Archive`` and converted bodies. Out: values for templates and for the browser's data files.
Never here: writing files, MkDocs, kiosk or paper.
"""
