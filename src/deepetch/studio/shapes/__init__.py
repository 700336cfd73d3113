"""Surfaces of simple things, from which products are put together."""
