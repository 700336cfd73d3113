"""What `deepetch` offers to a program; a change here is a change of the interface."""

from __future__ import annotations

import importlib

import pytest

import deepetch

NAMES = [
    "CutOptions",
    "Cutout",
    "DeepetchError",
    "EdgeOptions",
    "MatteOptions",
    "Model",
    "Photo",
    "ReadOptions",
    "SaveOptions",
    "__version__",
    "cut_out",
    "cut_out_given",
    "load_model",
    "read_mask",
    "read_photo",
    "read_scribble",
    "read_trimap",
]


def test_public_names_are_these_and_sorted() -> None:
    assert deepetch.__all__ == NAMES
    assert sorted(NAMES) == NAMES


def test_dir_lists_the_public_names() -> None:
    assert dir(deepetch) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(importlib.import_module("deepetch"), name) is not None


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert (getattr(deepetch, name).__doc__ or "").strip()


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'cutout_all'"):
        deepetch.cutout_all  # noqa: B018
