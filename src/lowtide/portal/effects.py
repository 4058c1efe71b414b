"""Side effects with honest numbers: rows of the table of rates, as so many of a hundred people (pure)."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec

from lowtide.data import events, portal
from lowtide.data.portal import Effect, EffectTable, Known, Measured
from lowtide.portal.people_ask.places import Place, merged, of_address

HUNDRED, ROW = 100, 20


class Row(msgspec.Struct, frozen=True):
    """`of_100` people with the medicine, `dummy_of_100` with one that had no medicine in it; None: not known. Where fewer
    than one of a hundred were counted, `few` and `dummy_few` say so: a rounded one would be too many."""

    effect: Effect
    of_100: int
    dummy_of_100: int | None
    source: tuple[str, ...]
    verified: bool
    few: bool = False
    dummy_few: bool = False


class Counted(msgspec.Struct, frozen=True):
    """What was measured: from `low` to `high` of a hundred people, one number where both are the same."""

    says: str
    low: str
    high: str
    dummy_low: str
    dummy_high: str
    source: tuple[str, ...]
    verified: bool


class Table(msgspec.Struct, frozen=True):
    """`own`: counted with the very product this person gets; else with a near one."""

    of: EffectTable
    rows: tuple[Row, ...]
    own: bool

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(url for row in self.rows for url in row.source))

    @property
    def works(self) -> list[Place]:
        """What stands at those addresses: each work with its own address, and named as a copy what it was seen through."""
        return merged(map(of_address, self.sources))

    @property
    def verified(self) -> bool:
        return all(row.verified for row in self.rows)


def tables(product: str, phase: str = "") -> list[Table]:
    """Every table of counted effects that holds now: this product's first, of these that of the present phase first."""
    wanted = (
        of for of in portal.pages().rates if not of.phase or (of.phase == phase and product in of.products)
    )
    found = [Table(of, _rows(of), product in of.products) for of in wanted]
    return sorted(found, key=lambda table: (not table.own, not table.of.phase))


def measured(product: str) -> tuple[Counted, ...]:
    """What was looked for with a scale or a cuff with this product."""
    rates = {(r.term, r.population, r.window): r for r in events.every_rate()}
    rows = (row for row in portal.pages().measured if product in row.products)
    return tuple(_counted(row, rates[row.term, row.population, row.window]) for row in rows)


def _counted(row: Measured, rate: events.Rate) -> Counted:
    low, _, high = rate.pct.partition("-")
    dummy_low, _, dummy_high = rate.control_pct.partition("-")
    return Counted(row.says, low, high or low, dummy_low, dummy_high or dummy_low, rate.source, rate.verified)


def _rows(of: EffectTable) -> tuple[Row, ...]:
    rates = {r.term: r for r in events.every_rate() if (r.population, r.window) == (of.population, of.window)}
    rows = (_row(effect, rates[effect.term]) for effect in of.effect)
    return tuple(sorted(rows, key=lambda row: -row.of_100))


def _row(effect: Effect, rate: events.Rate) -> Row:
    number = of_100(rate.pct)
    assert number is not None  # a test holds the table of words to the table of rates
    return Row(
        effect,
        number,
        of_100(rate.control_pct),
        rate.source,
        rate.verified,
        few=is_few(rate.pct),
        dummy_few=is_few(rate.control_pct),
    )


def of_100(pct: str) -> int | None:
    """A printed percentage as whole people of a hundred; None for a range, a word or nothing."""
    try:
        return int(Decimal(pct).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return None


def is_few(pct: str) -> bool:
    """More than nobody, and fewer than one of a hundred."""
    return of_100(pct) is not None and 0 < Decimal(pct) < 1


def known(product: str) -> tuple[Known, ...]:
    """What is known to happen with this product and was never counted well; of none, what holds for all."""
    return tuple(k for k in portal.pages().known if not k.products or product in k.products)


def dots(number: int, class_: str = "with") -> str:
    """A hundred dots in five rows of which so many are filled: two paths, however many people they stand for."""
    places = [(10 * (i % ROW) + 5, 10 * (i // ROW) + 5) for i in range(HUNDRED)]
    filled, empty = (_path(part) for part in (places[:number], places[number:]))
    return (
        f'<svg class="dots dots--{class_}" viewBox="0 0 200 50" aria-hidden="true" focusable="false">'
        f'<path class="is-empty" d="{empty}"/><path class="is-full" d="{filled}"/></svg>'
    )


def _path(places: list[tuple[int, int]]) -> str:
    return "".join(f"M{x} {y}h0" for x, y in places)
