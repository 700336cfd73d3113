"""Hands that hold products."""
