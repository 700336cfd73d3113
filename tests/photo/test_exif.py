from __future__ import annotations

import pytest
from drawn import MAKER_NOTE, THUMBNAIL, exif_block
from PIL import Image

from deepetch.photo.exif import upright_exif


def test_exif_loses_its_thumbnail_and_nothing_else() -> None:
    for order in "<>":
        block = exif_block(6, order=order, thumbnail=True)
        kept, density = upright_exif(b"Exif\0\0" + block)
        assert kept is not None
        assert density is None
        assert THUMBNAIL not in kept
        assert b"background" not in kept
        assert kept.index(MAKER_NOTE) == block.index(MAKER_NOTE)  # maker notes hold absolute offsets
        tags = Image.Exif()
        tags.load(b"Exif\0\0" + kept)
        assert (tags[271].rstrip("\0"), tags[274]) == ("Camera", 1)
        assert not tags.get_ifd(1)


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"II*\0", b"II*\0\xff\xff\xff\xff" + bytes(20), b"MM\0*" + b"\xff" * 30]
)
def test_nonsense_in_place_of_exif_is_no_exif(block: bytes) -> None:
    assert upright_exif(block) == (None, None)
