"""Puts this folder on the path, so that every test may import `models` and `drawn_subjects`."""
