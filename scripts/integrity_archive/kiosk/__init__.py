"""Kiosk: touch screens and public screens: their pages, programmes, and the folder that is delivered to a hall.

In: ``Archive``, ``screens.yml`` and a built site. Out: page specs, problems, a delivered folder.
Never here: the web and usb editions.
"""
