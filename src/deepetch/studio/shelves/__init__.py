"""A shop's shelves, as what stands behind products."""
