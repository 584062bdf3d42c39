"""Stick: the archive on a USB stick: what is on it, whether it is whole, and how it is brought up to date."""
