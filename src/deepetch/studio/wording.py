"""What packaging says: invented brands, product lines, small print, numbers of a nutrition table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepetch.studio.held_out import offered

# Chosen so that what they make up is neither rude nor, as a rule, somebody's brand.
ONSETS = ("l", "m", "n", "r", "v", "th", "k", "s", "pl", "br", "bl", "st", "tr", "j", "w", "sk", "fl", "gl", "qu", "dr")
HELD_OUT_ONSETS = frozenset({"v", "br", "st", "j", "gl", "dr"})  # that no brand of a training picture begins with
VOWELS = ("a", "e", "i", "o", "u", "a", "e", "o", "ai", "ei")
CODAS = ("n", "l", "r", "s", "m", "nd", "lt", "rk")

# What is sold: nouns, what is said of them, and the amounts printed in the corner.
TRADES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "food": (
        ("granola", "oat flakes", "crackers", "rice", "soup", "tomato sauce", "muesli", "biscuits", "pasta", "lentils"),
        ("crunchy", "wholegrain", "roasted", "organic", "slow baked", "family size", "original", "spicy", "sea salt"),
        ("500 g", "250 g", "1 kg", "12 x 30 g", "375 g", "NET WT 8.8 OZ (250 g)"),
    ),
    "drink": (
        ("oat drink", "green tea", "cold brew", "lemonade", "ginger ale", "orange juice", "cocoa", "mineral water"),
        ("sparkling", "unsweetened", "with apricot", "freshly pressed", "light", "no added sugar", "chilled", "zero"),
        ("1 L", "330 ml", "0.5 L", "20 bags", "750 ml", "6 x 250 ml"),
    ),
    "care": (
        ("hand cream", "shampoo", "body lotion", "face mask", "night serum", "soap bar", "lip balm", "tooth paste"),
        ("sensitive", "hydrating", "with almond oil", "24 h", "fragrance free", "repair", "for dry skin", "vitamin C"),
        ("200 ml", "50 ml e", "75 ml", "100 g", "1.7 fl oz / 50 ml"),
    ),
    "house": (
        ("detergent", "dish soap", "glass cleaner", "candles", "tissues", "light bulb", "batteries", "garden soil"),
        ("extra strong", "colour", "lemon fresh", "eco refill", "3 in 1", "power", "gentle", "long life"),
        ("40 washes", "1.5 L", "4 pieces", "60 tablets", "800 ml", "10 L"),
    ),
    "goods": (
        ("headphones", "desk lamp", "puzzle", "building blocks", "charger", "alarm clock", "pet snacks", "board game"),
        ("wireless", "mini", "ages 4+", "2nd edition", "rechargeable", "for travel", "pro", "junior", "home series"),
        ("1 piece", "64 pcs", "USB-C", "2 - 5 players", "MODEL 24-B", "set of 6"),
    ),
}
PLAIN_TEXT = (
    "store in a cool dry place away from direct light after opening keep closed and use within a few days "
    "shake well before use best before see side of pack please recycle this carton where facilities exist "
    "made with care from selected crops for full taste every day and shared at our table since the first harvest "
    "rinse with plenty of water avoid contact with eyes keep out of reach of children contents may settle"
)
PLAIN_WORDS = tuple(PLAIN_TEXT.split(" "))
LARDER = (
    "water, wholegrain oats, sugar, sunflower oil, salt, barley malt, rice flour, cocoa mass, skimmed milk powder, "
    "glycerin, citric acid, natural flavouring, pectin, almonds, wheat starch, emulsifier (lecithin), apple pulp, "
    "raising agent, tocopherol, carrot concentrate, sea salt, parfum, sorbitol, xanthan gum, yeast extract"
)
SUBSTANCES = tuple(LARDER.split(", "))
NUTRIENTS = ("Energy", "Fat", "of which saturates", "Carbohydrate", "of which sugars", "Fibre", "Protein", "Salt")
CLAIMS = ("NEW", "BIO", "100%", "VEGAN", "50% MORE", "NATURAL", "NO. 1", "2 FOR 1", "PURE", "FRESH", "ECO", "-30%")


def one_of(draw: np.random.Generator, choices: Sequence[str]) -> str:
    """One of several words, each as likely as the others."""
    return choices[int(draw.integers(len(choices)))]


def invent_word(draw: np.random.Generator, syllables: int | None = None, *, onsets: Sequence[str] = ONSETS) -> str:
    """A word one can say and that means nothing, with a capital first; two or three syllables unless told.

    onsets  of ONSETS, that it may begin with.
    """
    count = syllables or int(draw.choice([2, 3], p=[0.6, 0.4]))
    starts = (onsets, *[ONSETS] * (count - 1))
    word = "".join(one_of(draw, start) + one_of(draw, VOWELS) for start in starts)
    if count < 3 or draw.random() < 0.4:
        word += one_of(draw, CODAS)
    return word.capitalize()


def draw_brand(draw: np.random.Generator, *, held_out: bool = False) -> str:
    """An invented brand: mostly one word, at times two, or a word with an addition.

    held_out  whether its first word begins as those kept for the benchmark do; so no brand occurs on both sides.
    """
    word = invent_word(draw, onsets=offered(ONSETS, HELD_OUT_ONSETS, held_out))
    kind = draw.random()
    if kind < 0.72:
        return word
    if kind < 0.84:
        return f"{word} & {invent_word(draw, 2)}"
    return f"{word} {one_of(draw, ('Mills', 'Farm', 'Lab', 'Works', 'Bros', 'Foods', 'House', 'Co'))}"


def draw_sentence(draw: np.random.Generator, words: int) -> str:
    """So many words, capital first and a full stop last; a third of the sentences are in no language."""
    if draw.random() < 1 / 3:
        chosen = [invent_word(draw, int(draw.integers(1, 4))).lower() for _ in range(words)]
    else:
        start = draw.integers(len(PLAIN_WORDS))
        chosen = [PLAIN_WORDS[(start + step) % len(PLAIN_WORDS)] for step in range(words)]
    return " ".join(chosen).capitalize() + "."


def draw_text(draw: np.random.Generator, words: int) -> str:
    """Sentences of about `words` words together."""
    sentences = []
    while words > 0:
        length = int(draw.integers(5, 13))
        sentences.append(draw_sentence(draw, length))
        words -= length
    return " ".join(sentences)


def draw_ingredients(draw: np.random.Generator) -> str:
    """A list of ingredients, some with their share."""
    count = int(draw.integers(6, 16))
    chosen = [SUBSTANCES[place] for place in draw.permutation(len(SUBSTANCES))[:count]]
    shares = [f" {draw.integers(2, 60)}%" if draw.random() < 0.2 else "" for _ in chosen]
    return "INGREDIENTS: " + ", ".join(name + share for name, share in zip(chosen, shares, strict=True)) + "."


def draw_nutrition(draw: np.random.Generator) -> list[tuple[str, str, str]]:
    """Rows of a nutrition table: what, in 100 g, in a portion."""
    portion = draw.uniform(0.2, 0.6)
    energy = int(draw.integers(80, 2200))
    rows = [(NUTRIENTS[0], f"{energy} kJ", f"{energy * portion:.0f} kJ")]
    for name in NUTRIENTS[1:]:
        grams = draw.uniform(0, 40) * draw.uniform(0.05, 1)
        rows.append((name, f"{grams:.1f} g", f"{grams * portion:.1f} g"))
    return rows
