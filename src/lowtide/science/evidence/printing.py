"""All answers of the tables in a form that can be kept, and which of them moved since, with the rows that moved them."""

from collections.abc import Iterator, Mapping, Sequence, Set

import msgspec

from lowtide.data import claims, events, named_answers
from lowtide.data.evidence import ROWS, Tables
from lowtide.data.evidence_answers import Decided, Moved, Printed, Spoken, Stored
from lowtide.data.evidence_checks import KEYS
from lowtide.data.read import fingerprint
from lowtide.science.evidence import fading, named, rated
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Answer, Known, compare, terms
from lowtide.science.evidence.judged import Judged, judge
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.shares import of_100

PLACES = 4
SAME = 1e-3
"""Answers nearer than this share of themselves are the same: another machine may round otherwise."""
FIRST, REST = slice(0, 2), slice(2, None)
RATE = "adverse_event_rates"
Kept = Stored | Spoken | Decided
METHOD = "no row behind it changed: how answers are worked out did"


def questions(known: Known) -> Iterator[Question]:
    """Whatever is printed: outcomes at each window, relapse and side effects over their whole time; read rows only."""
    for indication in known.words.indication:
        for outcome, kind in known.words.outcome.items():
            times: Sequence[str | None] = (
                [None] if "hazard_ratio" in kind.contrasts else list(known.words.window)
            )
            yield from (Question(indication, outcome, at) for at in times)
        yield from (Question(indication, term) for term in terms(known))


def answered(known: Known) -> Iterator[tuple[Answer, tuple[Comparison, ...]]]:
    """The questions to which there is a number, each with its comparisons, those kept apart among them."""
    for asked in questions(known):
        answer = compare(known, asked)
        found = [each for one in answer.comparisons for each in (one, *one.also) if not each.no_evidence]
        if found:
            yield answer, tuple(found)


def now(known: Known) -> Printed:
    names = _names(known.tables)
    rows = {name: _print(row) for (_, _), (name, row) in names.items()}
    rows |= {_rate(line): fingerprint(dict(row)) for line, row in enumerate(known.rates, start=2)}
    found = {
        title(answer.question, one): _stored(known, one, names)
        for answer, comparisons in answered(known)
        for one in comparisons
    }
    its = rated.answers(known, events.rates_by_key(), named_answers.named())
    spoken = {name: _spoken(known, one, names) for name, one in its.items()}
    lasting = {title_of_fading(one): _lasting(known, one, its, names) for one in fading.faded(known.tables)}
    used = {row for one in found.values() for row in one.rows}
    used |= {row for kind in (spoken, lasting) for one in kind.values() for row in one.rows}
    verdicts = {claim.id: _decided(judge(claim, its), spoken) for claim in claims.claims().values()}
    return Printed(
        known.digest,
        {name: rows[name] for name in sorted(used)},
        dict(sorted(found.items())),
        dict(sorted(spoken.items())),
        dict(sorted(verdicts.items())),
        dict(sorted(lasting.items())),
    )


def title(asked: Question, one: Comparison) -> str:
    at = f" at {asked.at}" if asked.at else ""
    apart = "; ".join(part for part in (one.window, one.group, one.population, one.evidence) if part)
    return f"{asked.indication}, {asked.outcome}{at}: {one.treatment} against {one.versus} ({apart})"


def _names(tables: Tables) -> dict[tuple[str, int], tuple[str, msgspec.Struct]]:
    """(table, line) -> the name of the row, which stays when lines move, and the row."""
    found = {}
    for table in ROWS:
        key = KEYS[table][0]
        for row in getattr(tables, table):
            name = " ".join(str(part) for part in key(row) if part is not None)
            found[table, row.line] = (f"{table}: {name}", row)
    return found


def _rate(line: int) -> str:
    return f"{RATE}: line {line}"


def _print(row: msgspec.Struct) -> str:
    return fingerprint(
        {name: str(value) for name, value in msgspec.structs.asdict(row).items() if name != "line"}
    )


def _stored(
    known: Known, one: Comparison, names: dict[tuple[str, int], tuple[str, msgspec.Struct]]
) -> Stored:
    assert one.effect is not None
    assert one.lower is not None
    assert one.upper is not None
    rows = {names[s.table, s.line][0] if s.table != RATE else _rate(s.line) for s in one.seen}
    studies = {row.study_id for row in known.tables.studies} & {
        part for s in one.studies for part in s.split(" and ")
    }
    rows |= set(_behind(known.tables, studies, names))
    return Stored(
        one.measure or "",
        round(one.effect, PLACES),
        round(one.lower, PLACES),
        round(one.upper, PLACES),
        one.certainty.level if one.certainty else "unknown",
        one.studies,
        tuple(sorted(rows)),
        (round(one.absolute.per_100, PLACES), round(one.absolute.baseline, PLACES)) if one.absolute else None,
    )


def _spoken(
    known: Known, one: named.Answer, names: dict[tuple[str, int], tuple[str, msgspec.Struct]]
) -> Spoken:
    figures = (
        *(one.percent, one.control_percent, one.effect, one.lower, one.upper),
        *(one.value, one.control_value, one.trials),
    )
    rows = {names[spot][0] if spot in names else _rate(spot[1]) for spot in rated.spots(known, one)}
    rows |= {names["studies", row.line][0] for row in known.tables.studies if row.study_id in one.studies}
    return Spoken(
        one.measure,
        tuple(None if f is None else round(f, PLACES) for f in figures),
        one.certainty.replace("_", " "),
        tuple(sorted(rows)),
    )


def title_of_fading(one: fading.Faded) -> str:
    row = one.row
    what = "half-time, as printed" if one.printed else f"still well after {one.days:g} days"
    return f"{what}: {row.study_id} {row.arm_id}, {row.population_at_risk}"


def _lasting(
    known: Known,
    one: fading.Faded,
    its: Mapping[str, named.Answer],
    names: dict[tuple[str, int], tuple[str, msgspec.Struct]],
) -> Spoken:
    """The share that was still well, the days until half were not, and how sure that is."""
    half = None if one.half_days is None else round(one.half_days.value, 1)
    figures = (None if one.printed else one.kept, None, None, None, None, half, None, None)
    sure, _ = rated.of_group(known, one, its)
    group = (row for row in known.tables.durability if fading.same_group(row, one.row))
    rows = {names["durability", row.line][0] for row in group}
    rows |= set(_behind(known.tables, {one.row.study_id}, names))
    return Spoken("half-time", figures, sure.replace("_", " "), tuple(sorted(rows)))


def _behind(
    tables: Tables, studies: Set[str], names: dict[tuple[str, int], tuple[str, msgspec.Struct]]
) -> Iterator[str]:
    """The rows on how these studies were made, on which certainty rests, and on what their arms were given."""
    yield from (f"studies: {study}" for study in studies if study in tables.study)
    yield from (names["bias", row.line][0] for row in tables.bias if row.study_id in studies)
    yield from (names["arms", row.line][0] for row in tables.arms if row.study_id in studies)


def _decided(found: Judged, spoken: Mapping[str, Spoken]) -> Decided:
    rows = {
        row for condition in found.by if condition.answer in spoken for row in spoken[condition.answer].rows
    }
    return Decided(
        claims.WORDS[found.verdict], tuple(condition.text for condition in found.by), tuple(sorted(rows))
    )


def moved(before: Printed, after: Printed, method: str = METHOD) -> tuple[Moved, ...]:
    """Every comparison that is not what it was; `method` is said of those behind which no row changed."""
    return tuple(_moved(before, after, before.answers, after.answers, method))


def moved_by_name(before: Printed, after: Printed, method: str = METHOD) -> tuple[Moved, ...]:
    """Likewise the answers by name, on which claims and questions rest, and how long responses lasted."""
    kinds = ((before.named, after.named), (before.lasting, after.lasting))
    return tuple(one for was, is_now in kinds if was for one in _moved(before, after, was, is_now, method))


def moved_claims(before: Printed, after: Printed, method: str = METHOD) -> tuple[Moved, ...]:
    """Likewise the verdicts on what people say."""
    return tuple(_moved(before, after, before.claims, after.claims, method) if before.claims else ())


def _moved(
    before: Printed,
    after: Printed,
    those: Mapping[str, Kept],
    these: Mapping[str, Kept],
    method: str,
) -> Iterator[Moved]:
    for name in sorted(those.keys() | these.keys()):
        one, two = those.get(name), these.get(name)
        if not _same(one, two):
            why = tuple(_why(before, after, one, two, method))
            was, is_now = (told(each) if each else None for each in (one, two))
            if one and two and was == is_now:
                was, is_now = told(one, shares=True), told(two, shares=True)
            if one is None and isinstance(two, Stored):
                was = _of_another_kind(name, those)
            yield Moved(name, was, is_now, why)


def _of_another_kind(name: str, those: Mapping[str, Kept]) -> str | None:
    """What was said on the same pair before on other grounds: by a review, say, or over a crossover."""
    pair, apart, _ = name.partition(" (")
    before = [(n.partition(apart)[2][:-1], one) for n, one in those.items() if n.startswith(pair + apart)]
    return "; ".join(f"{told(one)} ({grounds})" for grounds, one in before) or None


def told(one: Kept, *, shares: bool = False) -> str:
    """In a line; of a comparison the people of 100 only where `shares`."""
    if isinstance(one, Decided):
        return f"verdict {one.verdict}, by {' and '.join(one.by) or 'nothing'}"
    if isinstance(one, Spoken):
        return _spoken_of(one)
    seen = one.of_100 if shares else None
    people = f"{of_100(seen[0])} against {of_100(seen[1])} of 100, " if seen else ""
    return f"{one.measure} {one.effect:.2f} ({one.lower:.2f} to {one.upper:.2f}), {people}certainty {one.certainty}"


def _spoken_of(one: Spoken) -> str:
    percent, beside, effect, lower, upper, value, other, trials = one.figures
    parts = [
        "" if percent is None else f"{of_100(percent)}{_beside(beside)} of 100",
        "" if effect is None else f"{one.measure} {effect:.2f}",
        "" if lower is None or upper is None else f"{lower:.2f} to {upper:.2f}",
        "" if value is None else f"{_unit(one)}{value:g}{'' if other is None else f' against {other:g}'}",
        f"{trials:g} trials" if trials is not None and not one.rows else "",
        f"certainty {one.certainty}",
    ]
    return ", ".join(part for part in parts if part)


def _unit(one: Spoken) -> str:
    return "half-time in days " if one.measure == "half-time" else ""


def _beside(percent: float | None) -> str:
    return "" if percent is None else f" against {of_100(percent)}"


def _same(one: Kept | None, two: Kept | None) -> bool:
    if isinstance(one, Decided) and isinstance(two, Decided):
        return one.verdict == two.verdict
    if isinstance(one, Spoken) and isinstance(two, Spoken):
        shares, others = (list(zip(one.figures, two.figures, strict=True))[part] for part in (FIRST, REST))
        near = all(_alike(a, b) for a, b in shares) and all(_near(a, b) for a, b in others)
        return near and (one.measure, one.certainty) == (two.measure, two.certainty)
    if not isinstance(one, Stored) or not isinstance(two, Stored):
        return one is two
    ends = [(one.effect, two.effect), (one.lower, two.lower), (one.upper, two.upper)]
    same = (one.measure, one.certainty, one.studies) == (two.measure, two.certainty, two.studies)
    return same and _same_shares(one, two) and all(_near(a, b) for a, b in ends)


def _same_shares(one: Stored, two: Stored) -> bool:
    """Where both say how many of 100, whether they say the same."""
    if not (one.of_100 and two.of_100):
        return True
    return all(map(_alike, one.of_100, two.of_100))


def _alike(a: float | None, b: float | None) -> bool:
    """Shares that are written alike, or nearly are."""
    return _near(a, b) or (a is not None and b is not None and of_100(a) == of_100(b))


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= SAME * max(1.0, abs(a))


def _why(before: Printed, after: Printed, one: Kept | None, two: Kept | None, method: str) -> Iterator[str]:
    """The rows behind the answer that came, changed or went; else that only the method can have."""
    old, new = set(one.rows if one else ()), set(two.rows if two else ())
    told_any = False
    for row in sorted(old | new):
        if row in new and row not in before.rows:
            yield f"new row, {row}"
        elif row in old and row not in after.rows:
            yield f"row no longer used, {row}"
        elif before.rows.get(row) != after.rows.get(row):
            yield f"row changed, {row}"
        else:
            continue
        told_any = True
    if not told_any:
        yield method
