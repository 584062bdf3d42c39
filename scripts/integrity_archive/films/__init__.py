"""Films: makes storyboards and camera files into films that play everywhere, with captions and posters.

In: ``storyboard.yml`` or a media file. Out: MP4, WebVTT, JPEG in the cache; problems of both.
Never here: pages and lessons.
"""
