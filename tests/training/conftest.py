"""A pack of drawn pictures, and options that make a run of seconds of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from deepetch.datasets.index import read_index
from deepetch.datasets.pack import Pack, open_pack
from deepetch.datasets.packing import write_pack
from deepetch.options import TrainOptions
from drawn_subjects import save_data_set

NARROW = (8, 8, 8, 16, 16)


@pytest.fixture(scope="session")
def pack_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_pack(read_index(save_data_set(folder / "data")), folder / "data.pack", size=96)
    return folder / "data.pack"


@pytest.fixture
def pack(pack_file: Path) -> Pack:
    return open_pack(pack_file)


@pytest.fixture
def options() -> TrainOptions:
    return TrainOptions(
        channels=NARROW, size=64, batch=4, steps=5, warmup_steps=2, validate_every=2, workers=0, checkpoint_minutes=60
    )


@pytest.fixture(autouse=True)
def one_thread():
    """Sums in one order, and tests that leave the other cores alone."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
