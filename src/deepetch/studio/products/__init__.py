"""Kinds of packaged products, each drawn at random within its real sizes."""
