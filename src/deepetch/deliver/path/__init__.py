"""The clipping path: contour of an alpha, Bezier curves fitted to it, and the files that hold them."""
