"""Out: touch screens and public screens: their pages, programme, and the folder that halls are given.

In: ``Archive`` and a built site. Out: page specs, a delivered folder. Never here: the web and usb editions.
"""
