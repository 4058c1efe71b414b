"""Two bars of one length: what the safe gave out for a session, and where it went (pure)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from lowtide.data.vocabulary import words
from lowtide.pathway.session.rules.custody import Held

WHOLE, GAP, ROOM_FOR_WORD, ROOM_FOR_NUMBER = Decimal(1000), Decimal(3), 96, 36
WAYS = ("given", "wasted", "returned", "lost")


class Segment(msgspec.Struct, frozen=True):
    """A piece of the lower bar; `number` and `word` stand in it where there is room."""

    way: str
    x: str
    width: str
    text_x: str
    number: str
    word: str


class Milligrams(msgspec.Struct, frozen=True):
    """One drug's bars: `equation` says them in words; `left` is what nobody has accounted for."""

    drug: str
    drawn: str
    equation: str
    left: str
    segments: tuple[Segment, ...]
    drawn_from: str


def milligrams(draws: Iterable[Held]) -> list[Milligrams]:
    """The bars of each drug that was drawn."""
    by_drug: dict[str, list[Held]] = {}
    for one in draws:
        by_drug.setdefault(one.drug, []).append(one)
    return [_bars(drug, of_it) for drug, of_it in by_drug.items()]


def _bars(drug: str, draws: list[Held]) -> Milligrams:
    sums = {way: _sum(draws, way) for way in (*WAYS, "left")}
    drawn = sum((one.draw.body.quantity * one.mg_per_unit for one in draws), Decimal(0))
    digits = max(0, *(-int(mg.normalize().as_tuple().exponent) for mg in (drawn, *sums.values())))
    said = {way: f"{mg:.{digits}f}" for way, mg in sums.items()}
    shown = [way for way in (*WAYS, "left") if sums[way] or way in ("given", "wasted", "returned")]
    names = {"left": "not accounted for"}
    known = words()["drug"].get(drug)
    return Milligrams(
        drug=known.label if known else drug,
        drawn=f"{drawn:.{digits}f}",
        equation=f"{drawn:.{digits}f} drawn = "
        + " + ".join(f"{said[way]} {names.get(way, way)}" for way in shown),
        left=said["left"] if sums["left"] else "",
        segments=tuple(_segments(sums, said, drawn)),
        drawn_from=", ".join(dict.fromkeys(one.draw.body.lot for one in draws)),
    )


def _sum(draws: list[Held], way: str) -> Decimal:
    return sum((getattr(one, way) * one.mg_per_unit for one in draws), Decimal(0))


def _segments(sums: dict[str, Decimal], said: dict[str, str], drawn: Decimal) -> Iterator[Segment]:
    x = Decimal(0)
    for way, mg in sums.items():
        if mg <= 0 or not drawn:
            continue
        width = mg / drawn * WHOLE
        drawn_width = max(width - GAP, Decimal(2)) if x + width < WHOLE else width
        word = {"left": "?"}.get(way, way) if width >= ROOM_FOR_WORD else ""
        number = said[way] if width >= ROOM_FOR_NUMBER else ""
        yield Segment(way, f"{x:.1f}", f"{drawn_width:.1f}", f"{x + 10:.1f}", number, word)
        x += width
