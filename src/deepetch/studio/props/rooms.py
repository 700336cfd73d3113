"""Which things there are, and in which rooms they lie about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from deepetch.studio.props.crockery import bowl, plate
from deepetch.studio.props.desk import coins, keyboard, pencils, pens
from deepetch.studio.props.food import bananas, fruit, fruit_bowl
from deepetch.studio.props.kitchen import cutlery, cutting_board, towel
from deepetch.studio.props.lamps import candle, lamp
from deepetch.studio.props.paper import books, frame, papers, standing_books
from deepetch.studio.props.pebbles import pebbles
from deepetch.studio.props.plants import plant, vase
from deepetch.studio.props.wood import blocks, offcuts
from deepetch.studio.props.workshop import cable, hammer, screwdriver, tape
from deepetch.studio.surface import Surface

Prop = Callable[[np.random.Generator], list[Surface]]
PROPS: Mapping[str, Prop] = {
    "books": books,
    "standing books": standing_books,
    "frame": frame,
    "papers": papers,
    "plant": plant,
    "vase": vase,
    "fruit": fruit,
    "fruit bowl": fruit_bowl,
    "bananas": bananas,
    "cutting board": cutting_board,
    "cutlery": cutlery,
    "plate": plate,
    "bowl": bowl,
    "towel": towel,
    "candle": candle,
    "pens": pens,
    "pencils": pencils,
    "keyboard": keyboard,
    "lamp": lamp,
    "cable": cable,
    "coins": coins,
    "tape": tape,
    "screwdriver": screwdriver,
    "hammer": hammer,
    "blocks": blocks,
    "offcuts": offcuts,
    "pebbles": pebbles,
}
FACING = ("frame", "standing books", "papers", "keyboard")  # turned to the viewer, more or less
ROOMS: Mapping[str, tuple[str, ...]] = {
    "living room": ("books", "standing books", "frame", "plant", "vase", "candle", "pebbles", "lamp", "coins", "blocks",
                    "fruit bowl", "papers"),
    "kitchen": ("fruit", "fruit bowl", "bananas", "cutting board", "cutlery", "plate", "bowl", "towel", "plant", "vase",
                "candle"),
    "workshop": ("tape", "screwdriver", "hammer", "offcuts", "cable", "pencils", "pens", "blocks", "papers", "lamp"),
    "desk": ("books", "standing books", "papers", "pens", "pencils", "keyboard", "lamp", "cable", "plant", "frame",
             "coins", "tape"),
}  # fmt: skip
