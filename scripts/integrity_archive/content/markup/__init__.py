"""Markup: bodies, from Markdown to HTML that is safe to show.

In: the text of a body. Out: its HTML, what it links to, its plain text, and what is wrong with it, by line.
Never here: templates and pages.
"""
