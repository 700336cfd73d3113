"""The parts of semantic soft segmentation, in the order in which they are used."""
