"""What makes an earlier treatment an adequate trial: kinds, lowest doses, results, and the Maudsley staging."""

import re
from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import codes, own, read
from lowtide.data.own import Values

Measure = Literal["dose", "dose_if_known", "weeks", "sessions"]
DOSES = "minimum_doses.csv"
FILES = ("trials.toml", DOSES)


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of treatment and what its adequacy rests on; `words` are names it goes by, `atc` starts of codes."""

    label: str
    one: str
    measured: tuple[Measure, ...]
    min_weeks: int | None = None
    min_sessions: int | None = None
    words: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    verified: bool = False


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    worked: bool


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: int
    source: str
    verified: bool


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of the staging: its score holds up to a number of months."""

    label: str
    score: int
    up_to_months: int | None = None


class Severity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    label: str
    score: int


class Failures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    score: int
    up_to: int | None = None


class Maudsley(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scores of each dimension, least first."""

    instrument: str
    source: str
    verified: bool
    duration: tuple[Span, ...]
    severity: tuple[Severity, ...]
    failures: tuple[Failures, ...]
    failures_verified: bool
    augmentation: int
    ect: int


class MinimumDose(msgspec.Struct, frozen=True):
    """The lowest dose a day at which a medicine counts as tried for one use."""

    mg_day: Decimal
    source: str
    verified: bool
    note: str


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The names of the policy's numbers that a ledger is counted by.

    `failed` is the item that asks for failed treatments, `failed_kinds` the kinds that answer it, by indication.
    """

    min_weeks: str
    trials: str
    classes: str
    pain: dict[str, str]
    failed: str
    failed_kinds: dict[str, tuple[str, ...]]


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: dict[str, Kind]
    source: dict[str, codes.Source]
    result: dict[str, Result]
    response_from_pct: Limit
    adherence: dict[str, str]
    told_by: dict[str, str]
    counted: Counted
    maudsley: Maudsley


def tables() -> Tables:
    """The table with this clinic's own weeks and sessions."""
    return _tables(*own.of("trial"))


@cache
def _tables(values: Values, settled: frozenset[str]) -> Tables:
    file = read.toml("trials.toml", Tables)
    limits = own.changed(
        {"response": file.response_from_pct}, tuple((f"{k}/value", v) for k, v in values if k == "response")
    )
    places = {name: "min_weeks" if kind.min_weeks else "min_sessions" for name, kind in file.kind.items()}
    kinds = own.changed(file.kind, tuple((f"{k}/{places[k]}", v) for k, v in values if k in places))
    response = limits["response"]
    staging = file.maudsley.failures_verified or "failures" in settled
    stands = set(kinds_of(file)) <= settled
    said = {**file.source, "kinds": msgspec.structs.replace(file.source["kinds"], verified=True)}
    return msgspec.structs.replace(
        file,
        kind={n: msgspec.structs.replace(k, verified=n in settled) for n, k in kinds.items()},
        response_from_pct=msgspec.structs.replace(
            response, verified=response.verified or "response" in settled
        ),
        source=said if stands else file.source,
        maudsley=msgspec.structs.replace(file.maudsley, failures_verified=staging),
    )


def kinds_of(tables: Tables) -> dict[str, Kind]:
    """The kinds whose adequacy rests on a number of the table."""
    return {name: kind for name, kind in tables.kind.items() if kind.min_weeks or kind.min_sessions}


def trial_words() -> dict[str, tuple[str, ...]]:
    """Field of a recorded trial -> the words it takes."""
    found = tables()
    return {
        "treatment": tuple(found.kind),
        "adherence": tuple(found.adherence),
        "result": tuple(found.result),
        "told_by": tuple(found.told_by),
    }


def minimum_doses() -> dict[tuple[str, str], MinimumDose]:
    """(use, generic name) -> the lowest dose, with this clinic's own."""
    return _minimum_doses(*own.of("minimum_dose"))


@cache
def _minimum_doses(values: Values, settled: frozenset[str]) -> dict[tuple[str, str], MinimumDose]:
    rows = {
        f"{row['use']}|{row['agent']}": MinimumDose(
            Decimal(row["min_mg_day"]), row["source"], row["verified"] == "yes", row["note"]
        )
        for row in read.csv_rows(DOSES)
    }
    found = own.changed(rows, tuple((f"{key}/mg_day", value) for key, value in values))
    return {
        (key.partition("|")[0], key.partition("|")[2]): msgspec.structs.replace(
            dose, verified=dose.verified or key in settled
        )
        for key, dose in found.items()
    }


def kind_of_codes(atc: tuple[str, ...]) -> str | None:
    """The kind of treatment that a medicine with these codes is."""
    found = (
        key
        for key, kind in tables().kind.items()
        for start in kind.atc
        for code in atc
        if code.startswith(start)
    )
    return next(found, None)


def kind_named(text: str) -> str | None:
    """The kind of treatment that these words name, where it is no medicine."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    found = (
        (key, word)
        for key, kind in tables().kind.items()
        for word in kind.words
        if f" {word} " in f" {words} "
    )
    return next((key for key, _ in found), None)
