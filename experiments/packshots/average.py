"""Weights between two networks of one form: python experiments/packshots/average.py FIRST SECOND -o FILE.

Wortsman et al. 2022, "Robust fine-tuning of zero-shot models": when a network was trained on, the mean of its weights
before and after keeps more of what it knew, and most of what it learnt. Safetensors files, as `deepetch export` and
`deepetch train` have them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from deepetch.training.weights import read_weights, write_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    asked = parser.parse_args()
    network, other = read_weights(asked.first), read_weights(asked.second).state_dict()
    mean = {
        name: value + asked.share * (other[name] - value) if value.is_floating_point() else other[name]
        for name, value in network.state_dict().items()
    }
    network.load_state_dict(mean)
    write_weights(network, asked.output)


if __name__ == "__main__":
    main()
