"""Build a network with fetched weights and print the sum of its first layer: python fetch_encoder.py NAME WEIGHTS.

A program of its own: the hub's address is read from the environment when its library is imported.
"""

from __future__ import annotations

import sys

from deepetch.errors import DeepetchError
from deepetch.training.networks.build import build_network

try:
    network = build_network(sys.argv[1], weights=sys.argv[2])
except DeepetchError as error:
    print(f"{type(error).__name__}: {error}")
else:
    print(float(network.model.encoder.conv1.weight.double().sum()))
