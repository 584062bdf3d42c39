"""Kiosk: touch screens in halls and public screens: what they play, how they are sealed, the folder they run from."""
