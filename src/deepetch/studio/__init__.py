"""Labelled packshots, rendered: recipes are drawn here, pictures are made by Blender in a process of its own."""
