"""The drug-use record: what the safes gave out for the session and where it went, lot by lot, with witnesses (pure)."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from lowtide.data.safe import label, safe
from lowtide.documents.papers import common
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part, Table
from lowtide.documents.papers.sources import Sources, missing, said, word
from lowtide.pathway.session.rules.custody import Held
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.safe import DrugGiven, DrugReturned, DrugWasted, SafeOpened, StockLost
from lowtide.record.entries.words import day, moment
from lowtide.record.entries.words_safe import between
from lowtide.safe.ledger import VIAL, Ledger, Posting
from lowtide.safe.places import books_of, label_of
from lowtide.science.units import amount, plain

HEAD = ("What", "When", "Quantity", "In mg", "By", "Witness", "How and why")
WAYS: dict[type[Body], str] = {
    DrugGiven: "Given",
    DrugWasted: "Wasted",
    DrugReturned: "Returned",
    StockLost: "Lost",
}


def made(s: Sources) -> Document | NotNeeded:
    if not s.custody.draws and s.custody.charted_mg is None:
        return NotNeeded("drug_use", _why_not(s))
    parts = (_about(s), *(_draw(s, one) for one in s.custody.draws), _sum(s))
    return Document("drug_use", "Drug-use record", "drawn, given, wasted, returned", parts)


def _why_not(s: Sources) -> str:
    given = s.facts.given_mg
    if not given:
        return "nothing was drawn from a safe for this session"
    return f"{plain(amount(given))} mg went in, of a product that no safe here keeps"


def _about(s: Sources) -> Part:
    fields = [*common.who(s), _address(s), common.treated_on(s), common.which_session(s), common.ordered(s)]
    fields += _registrations(s)
    return Part("For whom", tuple(fields))


def _registrations(s: Sources) -> list[Field]:
    """The numbers under which clinic and prescriber stand with the authorities, as the letterhead has them."""
    if s.letterhead is None:
        return []
    entry, body = s.letterhead
    return [said(name, number, entry) for name, number in body.numbers.items()]


def _address(s: Sources) -> Field:
    entry, p = s.patient
    if not p.contact.address:
        return Field("Address", "not recorded", (entry.id,), "check", gap="people:who")
    return said("Address", p.contact.address, entry)


def _draw(s: Sources, one: Held) -> Part:
    body, chart = one.draw.body, s.safes[one.stream]
    vial = f", vial {body.vial}" if body.vial else ""
    mine = sorted(
        (p for p in books_of(chart).postings if p.source.name == str(one.draw.id)),
        key=lambda p: (p.entry.at, list(WAYS).index(type(p.entry.body))),
    )
    rows = (
        _row(s, one, "Drawn", one.draw.entry, body.quantity, body.witness),
        *(_moved(s, one, p) for p in mine),
    )
    table = Table(f"What became of it; safe: {label_of(chart)}", HEAD, rows)
    left = (
        []
        if not one.left
        else [
            missing(
                "In hand",
                f"{common.quantity(one.left, one.unit)} not accounted for",
                one.draw.entry,
                gap="session:sign",
            )
        ]
    )
    fields = (*_container(s, one), *left)
    return Part(f"{label(body.product)}, lot {body.lot}{vial}", fields, tables=(table,))


def _container(s: Sources, one: Held) -> Iterator[Field]:
    """What the container's label and the place's own papers say."""
    chart, body = s.safes[one.stream], one.draw.body
    lot, opened = books_of(chart).lots[body.product, body.lot], chart.last(SafeOpened)
    yield Field("Expires", day(lot.expires.isoformat()), (lot.entry,))
    if lot.ndc:
        yield Field("Package number (NDC)", lot.ndc, (lot.entry,))
    if opened and opened[1].registration:
        yield said("Registration of the safe", opened[1].registration, opened[0])
    if body.vial:
        before, after = _around(books_of(chart), one)
        amounts = (common.quantity(amount, one.unit) for amount in (before, after))
        yield Field("In the vial before and after", " and ".join(amounts), (one.draw.entry.id,))


def _around(books: Ledger, one: Held) -> tuple[Decimal, Decimal]:
    """What was in the vial before this draw, a new one full, and after it."""
    body, order = one.draw.body, one.draw.entry.order
    held = Decimal(0)
    for posting in books.postings:
        for account, sign in ((posting.source, -1), (posting.target, 1)):
            if account.kind == VIAL and account.name == body.vial and posting.entry.order < order:
                held += sign * posting.quantity
    before = held or (books.lots[body.product, body.lot].per_container if body.opens else held)
    return before, before - body.quantity


def _moved(s: Sources, one: Held, posting: Posting) -> tuple[Field, ...]:
    body = posting.entry.body
    return _row(
        s,
        one,
        WAYS.get(type(body), "Moved"),
        posting.entry,
        posting.quantity,
        getattr(body, "witness", None),
        _why(body),
    )


def _row(
    s: Sources, one: Held, what: str, entry: Entry, quantity: Decimal, witness: str | None, why: str = ""
) -> tuple[Field, ...]:
    cells = (
        what, _when(s, entry), common.quantity(quantity, one.unit),
        f"{plain(quantity * one.mg_per_unit)} mg", s.name(entry.by), s.name(witness) if witness else "none", why,
    )  # fmt: skip
    return tuple(Field("", cell, (entry.id,)) for cell in cells)


def _when(s: Sources, entry: Entry) -> str:
    """Of what went in the chart's time, beside the one at which it was written down."""
    body, written = entry.body, moment(entry.at, s.zone)
    if isinstance(body, DrugGiven) and body.since and body.until:
        return f"{between(body.since, body.until, s.zone)}; written down {written}"
    return written


def _why(body: object) -> str:
    if isinstance(body, DrugWasted):
        return f"{safe().wasted.get(body.why, body.why)}; {safe().methods.get(body.how, body.how)}"
    return getattr(body, "circumstances", "")


def _sum(s: Sources) -> Part:
    return Part("In all", (*_equation(s), common.given(s), common.began(s), common.ended(s), _agrees(s)))


def mg(s: Sources, name: str) -> Decimal:
    """How many mg of the ordered drug were drawn, given, wasted, returned, lost or are left."""
    drug = s.facts.order[1].drug if s.facts.order else None
    found = [one for one in s.custody.draws if drug is None or one.drug == drug]
    quantities = (
        (one.draw.body.quantity if name == "drawn" else getattr(one, name), one.mg_per_unit) for one in found
    )
    return sum((quantity * per for quantity, per in quantities), Decimal(0))


def entries_of(s: Sources) -> tuple[UUID, ...]:
    """The lines of the safes that this session's draws made."""
    found: list[UUID] = []
    for one in s.custody.draws:
        found.append(one.draw.entry.id)
        found += [
            p.entry.id for p in books_of(s.safes[one.stream]).postings if p.source.name == str(one.draw.id)
        ]
    return tuple(found)


def _equation(s: Sources) -> Iterator[Field]:
    if not s.custody.draws:
        yield missing(
            "Drawn", "nothing was drawn, although the safe keeps this medicine", gap="session:session"
        )
        return
    drug = word("drug", s.facts.order[1].drug) if s.facts.order else "medicine"
    drawn, *parts = (
        f"{number} mg {drug} drawn" if name == "drawn" else f"{number} {name}" for name, number in sums(s)
    )
    yield Field("Sum", f"{drawn} = {' + '.join(parts)}", entries_of(s))


def sums(s: Sources) -> list[tuple[str, str]]:
    """(what became of it, mg) of drawn, given, wasted, returned and, where there is any, lost; all to the same digit."""
    found = {name: mg(s, name) for name in ("drawn", "given", "wasted", "returned", "lost")}
    if not found["lost"]:
        del found["lost"]
    digits = max(-int(value.normalize().as_tuple().exponent) for value in found.values())
    return [(name, f"{value:.{max(digits, 0)}f}") for name, value in found.items()]


def _agrees(s: Sources) -> Field:
    known = s.custody
    signed = [s.facts.signed[0]] if s.facts.signed else []
    if known.open:
        return missing("Books", "open: not everything is accounted for", gap="session:sign")
    if known.differs:
        why = s.facts.signed[0].reason if s.facts.signed else ""
        text = f"chart and safe are {plain(abs(known.difference_mg))} mg apart"
        return (
            said("Books", f"{text}: {why}", *signed)
            if why
            else missing("Books", f"{text}, no reason given", gap="session:sign")
        )
    return said("Books", "closed: chart and safe agree", *signed)
