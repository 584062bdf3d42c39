"""Publish: what leaves the archive on paper and for office programs. Teacher packs, books, posters."""
