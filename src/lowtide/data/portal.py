"""What patients read on their own pages: steps of preparation, plain words for severity, who speaks which language, and
how long a link, a device and a message's wait may be."""

from functools import cache

import msgspec

from lowtide.data import read


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step around a session: at `at_min` minutes from the planned dose, or at a time told in words (`when`).

    `routes` limits it to some routes; `order` sorts a step without a time among the others, in minutes.
    """

    text: str
    source: tuple[str, ...]
    verified: bool
    at_min: int | None = None
    when: str = ""
    order: int = 0
    small: str = ""
    routes: tuple[str, ...] = ()
    note: str = ""

    @property
    def place(self) -> int:
        return self.order if self.at_min is None else self.at_min


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: int
    why: str
    source: tuple[str, ...]
    verified: bool


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the way in: how long a link opens, how often one may be asked for, how long a device is known."""

    mail_link_min: Number
    paper_link_h: Number
    links_per_address: Number
    tries_per_place: Number
    window_min: Number
    remembered_days: Number


class Reminders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of reminders by mail: how many, how far apart, at which hours, and how often a server is tried."""

    per_item: Number
    per_day: Number
    apart_h: Number
    late_days: Number
    from_hour: Number
    until_hour: Number
    tries_per_day: Number
    again_min: Number


class Emergency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number to call for an ambulance in some countries."""

    countries: tuple[str, ...]
    number: str
    source: tuple[str, ...]
    verified: bool


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    languages: dict[str, str]
    bands: dict[str, str]
    sign_in: SignIn
    reminders: Reminders
    steps: tuple[Step, ...]
    emergency: tuple[Emergency, ...]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of one language that call for help at once, as they may be written."""

    words: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool


class Paragraph(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line about a session. `routes`: only for what is given so; `{…}` is filled in from the protocol, and a line that
    needs a number (`needs`) which the protocol does not name is left out."""

    part: str
    text: str
    source: tuple[str, ...] = ()
    verified: bool = False
    routes: tuple[str, ...] = ()
    needs: str = ""


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table of rates as a patient reads it: `term`, `population` and `window` find it there."""

    term: str
    says: str
    bother: str = ""


class EffectTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows hold for which product; `phase`: only for who is in that part of the treatment."""

    products: tuple[str, ...]
    population: str
    window: str
    title: str
    from_whom: str
    effect: tuple[Effect, ...]
    phase: str = ""


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was looked for with a scale or a cuff instead of being told: a row of the table of rates, often a range."""

    products: tuple[str, ...]
    term: str
    population: str
    window: str
    says: str


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known to happen and was never counted well."""

    text: str
    products: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    verified: bool = False
    grave: bool = False


class _Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    session: tuple[Paragraph, ...]
    rates: tuple[EffectTable, ...]
    measured: tuple[Measured, ...]
    known: tuple[Known, ...]


@cache
def _file() -> _File:
    return read.toml("portal.toml", _File)


@cache
def pages() -> _Pages:
    """The texts about a session and its side effects."""
    return read.toml("portal_pages.toml", _Pages)


def steps(route: str) -> tuple[Step, ...]:
    """The steps of a session by this route, in order."""
    found = (s for s in _file().steps if not s.routes or route in s.routes)
    return tuple(sorted(found, key=lambda s: s.place))


def every_step() -> tuple[Step, ...]:
    return _file().steps


def bands() -> dict[str, str]:
    return _file().bands


def band_words(band: str) -> str:
    """A severity band as a patient reads it; a band without words of its own stays as it is."""
    return _file().bands.get(band, band)


def sign_in() -> SignIn:
    return _file().sign_in


def reminders() -> Reminders:
    return _file().reminders


def languages() -> dict[str, str]:
    """Code -> the language's own name, in the order of the switch."""
    return _file().languages


def emergency_number(country: str) -> str:
    """Whom to call for an ambulance there; empty where the table does not know."""
    found = (e.number for e in _file().emergency if country.upper() in e.countries)
    return next(found, "")


@cache
def crisis_words() -> dict[str, Words]:
    """Language -> words that call for help."""
    return read.toml("crisis_words.toml", dict[str, Words])
