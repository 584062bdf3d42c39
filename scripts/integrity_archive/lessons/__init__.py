"""Lessons: what a lesson has beside its page: slides, clips, a quiz other programs can read."""
