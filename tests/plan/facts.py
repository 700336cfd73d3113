"""Fingerprints made up for tests."""

from __future__ import annotations

from dataclasses import replace

from deepetch.datasets.fingerprint import Fingerprint, Quantiles


def same(value):
    return Quantiles(low=value, median=value, high=value)


# a set of cartons: thick, of plain outline, two thousand of them
CARTONS = Fingerprint(
    pictures={"train": {"packs": 2000}, "val": {"packs": 200}},
    training=2000,
    labelled=2200,
    units=2200,
    measured=400,
    unread=0,
    empty=0.0,
    grey=0.0,
    height=same(1200.0),
    width=same(900.0),
    longer=same(1200.0),
    aspect=same(0.75),
    noise=same(2.0),
    foreground=same(0.3),
    border=same(150.0),
    border_ratio=same(8.0),
    thickness_px=same(240.0),
    thickness=same(0.2),
    softness=same(0.0),
    vertices=same(3.0),
)


def facts(**changes):
    """CARTONS with changes; a number stands for three equal quantiles."""
    quantiles = {name for name, value in vars(CARTONS).items() if isinstance(value, Quantiles)}
    return replace(
        CARTONS,
        **{
            name: same(value) if name in quantiles and not isinstance(value, Quantiles) else value
            for name, value in changes.items()
        },
    )
