"""How white a white JPEG is: `python benchmarks/white.py [PHOTO]`, the packshot by default.

Decodes what `deepetch cut --background white` wrote and looks at the 8 x 8 blocks. Those without a subject pixel must
be 255 throughout; in those that hold a piece of the border JPEG rings: the white pixels' mean and minimum are printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from deepetch import SaveOptions, cut_out, load_model, read_photo

EXAMPLE = Path(__file__).parent.parent / "examples" / "packshot.jpg"


def main() -> None:
    photo = read_photo(sys.argv[1] if len(sys.argv) > 1 else EXAMPLE)
    cutout = cut_out(photo, load_model())
    print("| quality | white blocks | exactly 255 | white pixels in border blocks: mean | minimum |")
    print("|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for quality in (85, 92, 100):
            path = Path(folder) / f"{quality}.jpg"
            cutout.save(path, SaveOptions(background="white", quality=quality))
            written = blocks(read_photo(path).samples.min(axis=2))
            hidden = blocks(cutout.alpha) == 0
            empty = hidden.all(axis=1)
            border = written[~empty][hidden[~empty]]
            exact = np.count_nonzero((written[empty] == 255).all(axis=1))
            print(f"| {quality} | {empty.sum()} | {exact} | {border.mean():.2f} | {border.min()} |")


def blocks(plane: np.ndarray) -> np.ndarray:
    """(h, w) cut into whole 8 x 8 blocks: (n, 64)."""
    height, width = (side - side % 8 for side in plane.shape)
    tiles = plane[:height, :width].reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2)
    return tiles.reshape(-1, 64)


if __name__ == "__main__":
    main()
