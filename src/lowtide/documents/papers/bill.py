"""The bill: dated codes, times from the record, units worked out, exact money where the clinic has its own prices (pure).

Which codes there are, for whom they are meant and how their units are counted is a table; no payer's rule is code.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data import documents
from lowtide.data.documents import BillLine, BillTable, Code
from lowtide.data.programs import country
from lowtide.documents.papers import common, drug_use
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part, Table
from lowtide.documents.papers.sources import Sources, missing, said
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Diagnosis, ProblemStatus
from lowtide.record.entries.papers import Coverage, PriceSet
from lowtide.safe.places import books_of
from lowtide.science.units import amount, plain

HEAD = ("Code", "For", "Units", "From the record", "A unit", "Amount")
ONE = Decimal(1)


class Counted(msgspec.Struct, frozen=True):
    """A line of the bill before it is said: its units, and what they were counted from."""

    line: BillLine
    code: Code
    units: Decimal
    why: str


def made(s: Sources) -> Document | NotNeeded:
    if s.facts.started is None:
        return NotNeeded("bill", common.NOT_GIVEN)
    parts = (_who(s), _times(s), *_lines(s))
    return Document("bill", "Bill", "codes, times and units from the record", tuple(parts))


# -- who and when --------------------------------------------------------------------------------------------


def _who(s: Sources) -> Part:
    return Part("For whom", (*common.who(s), payer(s), *_member(s), *_diagnosis(s), *_clinic(s)))


def coverage(s: Sources) -> tuple[Entry, Coverage] | None:
    return s.chart.last(Coverage)


def payer(s: Sources) -> Field:
    found = coverage(s)
    if found is None:
        return Field(
            "Payer",
            "not recorded: every line says for whom it is meant",
            state="check",
            gap="documents:addressees",
        )
    entry, body = found
    kind = documents.bill().payer_kinds.get(body.payer_kind, body.payer_kind)
    return said("Payer", f"{body.payer}, {kind}" if body.payer else kind, entry)


def _member(s: Sources) -> Iterator[Field]:
    found = coverage(s)
    if found and found[1].member:
        yield said("Member number", found[1].member, found[0])


def _diagnosis(s: Sources) -> Iterator[Field]:
    """Active problems with a code that insurers read."""
    found = [(e, b) for e, b in s.chart.said(Diagnosis) if b.status is ProblemStatus.ACTIVE]
    coded = [(e, b, c) for e, b in found for c in b.codings if "icd" in c.system.lower()]
    yield common.indication(s)
    if not coded:
        yield missing("Diagnosis code", "no problem in the chart has an ICD code", gap="people:chart")
    for entry, body, coding in coded:
        yield said("Diagnosis code", f"{coding.code} {body.label}", entry)


def _clinic(s: Sources) -> Iterator[Field]:
    if s.about_clinic:
        yield said("Clinic", s.about_clinic[1].name, s.about_clinic[0])
    if s.letterhead is None:
        yield missing(
            "Provider number", "the clinic’s letterhead is not recorded", gap="documents:letterhead"
        )
        return
    entry, body = s.letterhead
    for name, number in body.numbers.items():
        yield said(name, number, entry)


def _times(s: Sources) -> Part:
    fields = [common.treated_on(s), common.given(s), common.began(s), common.ended(s)]
    infused = common.infused_min(s)
    if infused is not None and s.facts.started and s.facts.stopped:
        fields.append(
            said("Infused", f"{infused} min, pauses left out", s.facts.started[0], s.facts.stopped[0])
        )
    observed = common.observed_min(s)
    if observed is not None and s.facts.started and s.facts.discharged:
        fields.append(said("Observed", f"{observed} min", s.facts.started[0], s.facts.discharged[0]))
    return Part("Times and dose", (*fields, *_lots(s)))


def _lots(s: Sources) -> Iterator[Field]:
    for lot, _, quantity, entries in common.lots(s):
        yield Field("From the safe", f"{quantity}, lot {lot}", entries)


# -- the lines -----------------------------------------------------------------------------------------------


def _lines(s: Sources) -> Iterator[Part]:
    table, clinic = documents.bill(), s.about_clinic
    found = country(clinic[1].country) if clinic else None
    here = found.label if found else clinic[1].country if clinic else ""
    if (
        clinic
        and clinic[1].country.upper() not in table.countries
        and not _is_named(clinic[1].country, table)
    ):
        yield Part(
            "Codes",
            (
                Field(
                    "Codes",
                    f"no code table for {here}: the times and the dose above stand for themselves",
                    state="check",
                ),
            ),
        )
        return
    found_lines = list(lines_of(s, table))
    counted = [one for one in found_lines if one.units]
    short = [_not_billed(s, one) for one in found_lines if not one.units]
    rows = tuple(_row(s, one) for one in counted)
    notes = [
        Field("Note", f"{one.code.code}: {one.code.note}", unverified=not one.code.verified)
        for one in counted
        if one.code.note
    ]
    needs = [*short, *(_needs(s, one) for one in counted if one.line.needs)]
    yield Part(
        "Codes",
        tuple(needs),
        (*notes, *_discarded(s, table), *_total(s, counted)),
        (Table("Codes with units and amounts", HEAD, rows),),
    )


def _is_named(written: str, table: BillTable) -> bool:
    found = country(written)
    return bool(found and any(found == country(code) for code in table.countries))


def lines_of(s: Sources, table: BillTable) -> Iterator[Counted]:
    """The lines that fit what was given, on the day it was given, for the payer where one is known."""
    on, paid_by = _day(s), coverage(s)
    for line in table.line:
        code = table.codes[line.code]
        fits = on is not None and code.is_valid_on(on) and _fits(s, line)
        if fits and (not line.payers or paid_by is None or paid_by[1].payer_kind in line.payers):
            units, why = _units(s, line)
            if units or _is_short(s, line):
                yield Counted(line, code, units, why)


def _is_short(s: Sources, line: BillLine) -> bool:
    """A line for the whole visit asks for so many minutes, and the record has fewer."""
    return line.units == "one" and bool(line.from_min) and (_minutes(s, line) or 0) < line.from_min


def _not_billed(s: Sources, one: Counted) -> Field:
    made = tuple(fact[0].id for fact in (s.facts.started, s.facts.discharged) if fact)
    told = f"{one.code.code}: {one.why} of the {one.line.from_min} min that it stands for"
    return Field("Not billed", told, made, state="check", unverified=not one.code.verified)


def _day(s: Sources) -> date | None:
    return s.facts.started_at.astimezone(s.zone).date() if s.facts.started_at else None


def _fits(s: Sources, line: BillLine) -> bool:
    order, mg = common.order(s), s.facts.given_mg
    if order is None or mg is None:
        return False
    return (
        (not line.products or order.product in line.products)
        and (not line.drugs or order.drug in line.drugs)
        and (not line.forms or s.facts.way.form in line.forms)
        and (line.max_mg is None or mg <= line.max_mg)
        and (line.above_mg is None or mg > line.above_mg)
    )


def _units(s: Sources, line: BillLine) -> tuple[Decimal, str]:
    """How many units the record makes, and from what."""
    mg, minutes = s.facts.given_mg or Decimal(0), _minutes(s, line)
    match line.units:
        case "mg":
            return mg / line.per, f"{plain(amount(mg))} mg given"
        case "dose":
            parts = len(s.facts.parts.parts) if s.facts.parts else 1
            return Decimal(parts), f"{parts} given"
        case "first":
            return (ONE if minutes is not None and minutes >= line.from_min else Decimal(0)), f"{minutes} min"
        case "further":
            return Decimal(further(minutes or 0, line)), f"{minutes} min"
    short = _is_short(s, line)
    return (
        ONE - short,
        f"{minutes or 0} min observed"
        if short
        else f"{minutes} min observed"
        if line.time and minutes is not None
        else f"{plain(mg)} mg given",
    )


def _minutes(s: Sources, line: BillLine) -> int | None:
    return {"infused": common.infused_min, "observed": common.observed_min}.get(line.time, lambda _: None)(s)


def further(minutes: int, line: BillLine) -> int:
    """Units of time beyond the first: each begun with more than `over_min` of it."""
    beyond = minutes - line.after_min - line.over_min
    return 0 if beyond <= 0 else -(-beyond // line.each_min)


def _row(s: Sources, one: Counted) -> tuple[Field, ...]:
    made_from, price = tuple(e.id for e in common.dose_entries(s)), _price(s, one.code.code)
    each, amount = "", ""
    entry: tuple[UUID, ...] = ()
    if price:
        each, entry = f"{price[1].price} {price[1].currency}", (price[0].id,)
        amount = f"{price[1].price * one.units} {price[1].currency}"
    payer_entry = tuple(found[0].id for found in (coverage(s),) if found)
    payers = ", ".join(documents.bill().payer_kinds[p] for p in one.line.payers)
    meant = f" (for {payers})" if payers and coverage(s) is None else ""
    texts = (
        f"{one.code.system} {one.code.code}",
        one.code.label + meant,
        plain(one.units),
        one.why,
        each or "no price",
        amount or "no price",
    )
    return tuple(
        Field(
            "",
            text,
            (*made_from, *(entry if n >= 4 else payer_entry if n == 1 else ())),
            unverified=n == 0 and not one.code.verified,
        )
        for n, text in enumerate(texts)
    )


def _price(s: Sources, code: str) -> tuple[Entry, PriceSet] | None:
    """The clinic's price that stood on the day."""
    on = _day(s)
    found = [(e, b) for e, b in s.clinic.said(PriceSet) if b.code == code and on and b.valid_from <= on]
    return max(found, key=lambda pair: (pair[1].valid_from, pair[0].order), default=None)


def _needs(s: Sources, one: Counted) -> Field:
    """The package number, as it was written down when the lot came."""
    keys = {(held.stream, held.draw.body.product, held.draw.body.lot) for held in s.custody.draws}
    lots = [books_of(s.safes[stream]).lots[product, lot] for stream, product, lot in sorted(keys)]
    known = [lot for lot in lots if lot.ndc]
    if known and len(known) == len(lots):
        numbers = ", ".join(dict.fromkeys(str(lot.ndc) for lot in known))
        return Field("Package number (NDC)", numbers, tuple(lot.entry for lot in known))
    return Field(
        "Package number (NDC)",
        f"not written down when the lot came; {one.code.code} asks for it",
        tuple(lot.entry for lot in lots),
        state="check",
        unverified=not one.code.verified,
    )


def _discarded(s: Sources, table: BillTable) -> Iterator[Field]:
    """Whether some of what was drawn was thrown away, with the modifier that says so."""
    if not s.custody.draws:
        return
    if s.custody.open or s.custody.differs:
        why = "what was drawn is not accounted for yet: nobody knows whether some was discarded"
        yield Field("Modifier", why, drug_use.entries_of(s), "missing", gap="session:sign")
        return
    wasted = drug_use.mg(s, "wasted")
    for modifier in table.modifier:
        if modifier.wasted == bool(wasted):
            text = f"{plain(wasted)} mg discarded" if wasted else "nothing discarded"
            yield Field(
                "Modifier",
                f"{modifier.code}: {text}, where the payer asks for it",
                drug_use.entries_of(s),
                unverified=not modifier.verified,
            )


def _total(s: Sources, counted: list[Counted]) -> Iterator[Field]:
    """The sum, where the payer is known and every line has a price in one currency."""
    prices = [(one, _price(s, one.code.code)) for one in counted]
    known = [(one, p) for one, p in prices if p]
    currencies = {p[1].currency for _, p in known}
    if coverage(s) and known and len(known) == len(prices) and len(currencies) == 1:
        total = sum((p[1].price * one.units for one, p in known), Decimal(0))
        yield said("Total", f"{total} {currencies.pop()}", *(p[0] for _, p in known))
