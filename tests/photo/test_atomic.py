from __future__ import annotations

from pathlib import Path

import pytest

from deepetch.errors import OutputExists, OutputFailed
from deepetch.photo.atomic import atomic_output


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"

    def slowly() -> None:
        with atomic_output(path, overwrite=False) as temporary:
            temporary.write_bytes(b"ours")
            path.write_bytes(b"somebody's")

    with pytest.raises(OutputExists):
        slowly()
    assert path.read_bytes() == b"somebody's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_counts_as_existing(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExists), atomic_output(path, overwrite=False):
        pytest.fail("the block must not run")


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_error_in_the_block_leaves_everything_as_it_was(overwrite: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    if overwrite:
        path.write_bytes(b"before")

    def interrupted() -> None:
        with atomic_output(path, overwrite=overwrite) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"before"] * overwrite


def test_nobody_sees_the_name_before_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with atomic_output(path, overwrite=False) as temporary:
        assert temporary.parent == tmp_path  # a rename is atomic only inside one file system
        assert temporary.suffix == ".bin"
        temporary.write_bytes(b"ours")
        assert not path.exists()
    assert path.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [False, True])
def test_zero_byte_in_a_name_is_said(tmp_path: Path, overwrite: bool) -> None:
    with pytest.raises(OutputFailed, match="zero byte"), atomic_output(tmp_path / "a\0b.png", overwrite=overwrite):
        pass


def test_mistakes_of_ours_in_the_block_are_not_called_bad_paths(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ours"), atomic_output(tmp_path / "a.png", overwrite=False):
        raise ValueError("ours")
    assert list(tmp_path.iterdir()) == []
