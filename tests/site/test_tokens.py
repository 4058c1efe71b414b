"""Every text colour can be read on every ground, light and dark: WCAG 2.2 AA, measured from the tokens themselves."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "src/lowtide/site/static/lowtide/tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))
THEMES = ("light", "dark")
GROUNDS = ("paper", "surface", "sunken")
TEXT = ("ink", "ink-2", "ink-3", "accent", "stop", "hold", "caution", "note", "clear")
TINTED = ("accent", "stop", "hold", "caution", "note", "clear")
LINES = ("edge", "focus", "s-bp", "s-hr", "s-spo2", "s-drug", "s-band", "s-other", "s-mood")


def colour(token: str, theme: str) -> str:
    return PAIRS[token].split(", ")[THEMES.index(theme)]


def luminance(hex_colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(hex_colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "token", "ground"), list(product(THEMES, TEXT, GROUNDS)))
def test_text_can_be_read_on_each_ground(theme: str, token: str, ground: str) -> None:
    assert contrast(colour(token, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize(("theme", "token"), list(product(THEMES, TINTED)))
def test_a_word_can_be_read_on_its_own_tint(theme: str, token: str) -> None:
    assert contrast(colour(token, theme), colour(f"{token}-tint", theme)) >= 4.5
    assert contrast(colour("ink", theme), colour(f"{token}-tint", theme)) >= 4.5


@pytest.mark.parametrize(("theme", "filled"), list(product(THEMES, ("stop", "hold"))))
def test_a_word_can_be_read_on_a_filled_badge(theme: str, filled: str) -> None:
    assert contrast(colour("on-solid", theme), colour(filled, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_filled_button_can_be_read(theme: str) -> None:
    assert contrast(colour("on-accent", theme), colour("accent", theme)) >= 4.5
    assert contrast(colour("on-accent", theme), colour("accent-strong", theme)) >= 4.5


@pytest.mark.parametrize(("theme", "token", "ground"), list(product(THEMES, LINES, GROUNDS)))
def test_edges_and_lines_can_be_seen(theme: str, token: str, ground: str) -> None:
    assert contrast(colour(token, theme), colour(ground, theme)) >= 3
