"""Intake: opens what authors bring from telephones, cameras and offices, and makes it right for readers.

In: a picture file, whatever its name says. Out: what it is, what is wrong with it, and copies in the cache that every
browser and office program shows. Never here: entries, pages and editions; the originals are never changed.
"""
