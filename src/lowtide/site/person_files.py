"""One person's sessions and scores as they are written in a file, turned into what lies ahead of that person."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import msgspec

from lowtide.data import pharmacology
from lowtide.data.designs import designs
from lowtide.data.early_signals import early_signals
from lowtide.data.instruments import Instrument
from lowtide.data.maintenance import relapse_of
from lowtide.data.vocabulary import word
from lowtide.pathway.course import foreseen
from lowtide.pathway.course.leading import speaks_of
from lowtide.pathway.course.response import Outcome, outcomes
from lowtide.problems import bad
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.early import Early, early
from lowtide.science.pharmacology.response.outlook import Day
from lowtide.science.pharmacology.response.person import (
    Foreseen,
    Future,
    Lost,
    Person,
    Window,
    before_scores,
    foresee,
)
from lowtide.site.virtual_trials import NO_VISITS

BEYOND = "after day {until:g} neither trials nor the last score support a forecast: its band says what people differ in"


class SessionFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: float
    drug: str
    route: str | None = None
    dose: str | None = None
    over_min: float | None = None


class ScoreFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: float
    value: float


class PersonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person as written."""

    condition: str
    instrument: str
    baseline: float
    until_day: float
    sessions: list[SessionFile] = []
    scores: list[ScoreFile] = []
    future: list[SessionFile] = []
    setting: str = "real_world"
    concomitant: str | None = None
    weight_kg: float | None = None
    seed: int = 1


class Answer(msgspec.Struct, frozen=True):
    """The document of `lowtide forecast`."""

    days: list[Day]
    next_session: Window
    lost_if_nothing_more: list[Lost] | None
    futures: dict[str, Future]
    early: list[Early]
    basis: dict[str, object]

    @property
    def warnings(self) -> list[str]:
        found = self.basis["warnings"]
        assert isinstance(found, list)
        return found


def forecast(given: PersonFile) -> Answer:
    """What lies ahead. Raises BadInput naming the field."""
    measure = foreseen.measure_of(given.instrument)
    who, notes, warnings = _person(given, measure)
    found = foresee(who, designs(), foreseen.upkeep(), given.seed)
    return Answer(
        days=found.days,
        next_session=found.window,
        lost_if_nothing_more=found.lost,
        futures=found.futures,
        early=_early(given, who),
        basis=_basis(given, who, found, notes, warnings),
    )


def _basis(
    given: PersonFile, who: Person, found: Foreseen, notes: list[str], warnings: list[str]
) -> dict[str, object]:
    about = foreseen.basis(word("indication", given.condition, "condition"), notes)
    until = foreseen.supported_until(who.scores.seen)
    more = {
        "scores_used": len(who.scores.seen),
        "members": int(designs().people["members"].value),
        "ess": found.ess,
        "tempered": found.tempered,
        "response": foreseen.response_words(foreseen.measure_of(given.instrument), given.baseline),
        "supported_until_day": until,
        "beyond": BEYOND.format(until=until) if given.until_day > until else "",
        "responding_now": found.responding,
        "next_session": found.why,
        "relapse": _of_relapse(given, found),
        "warnings": [*warnings, *found.warnings],
        "standing": _standing(given, who),
    }
    return {**about, **more}


def _of_relapse(given: PersonFile, found: Foreseen) -> str:
    """What p_relapse counts, and why it is 0 where it is 0 on every day."""
    if any(day.p_relapse == 1 for day in found.days):
        return (
            "a relapse that the scores show is certain; from sessions after it on, of those who respond again, the share back"
            " at the relapse cut by that day"
        )
    if any(day.p_relapse for day in found.days):
        return "of those who hold a response now, the share back at the relapse cut by that day"
    if not given.sessions and not given.future:
        return "does not apply: no session was given and none is planned"
    return (
        f"does not apply: there is no response to lose ({found.why}); 0 does not say that nothing threatens"
    )


def _standing(given: PersonFile, who: Person) -> str:
    """Where the person stands by the latest score after the first session, in the words of the chart; where no table says
    what a response is, by what is assumed here."""
    measure, seen = foreseen.measure_of(given.instrument), who.scores.seen
    if not seen:
        return Outcome.UNKNOWN.value
    if not foreseen.names_response(measure):
        held = [value <= who.scores.response for _, value in seen]
        lost = Outcome.LOST if any(held) else Outcome.NEVER
        return f"{(Outcome.RESPONSE if held[-1] else lost).value} (half of the baseline, as no table says)"
    values = [Fraction(value) for _, value in seen]
    return outcomes(measure, Fraction(given.baseline), values)[-1].value


def _early(given: PersonFile, who: Person) -> list[Early]:
    before = before_scores(who, designs(), given.seed) if who.given else None
    return early(
        early_signals(word("indication", given.condition, "condition")),
        [s.day for s in who.given],
        who.scores.baseline,
        who.scores.seen,
        before,
    )


def _person(given: PersonFile, measure: Instrument) -> tuple[Person, list[str], list[str]]:
    """Whom it is about, what was assumed, and what lies beyond what the model was made from."""
    limits = designs().limits
    condition = word("indication", given.condition, "condition")
    cuts = foreseen.cuts(measure)
    _between(given.baseline, 0, cuts.top, "baseline", strictly=True)
    _between(given.until_day, 0, limits.most_days, "until_day")
    for kind, rows, most in (
        ("sessions", given.sessions, limits.most_sessions),
        ("future", given.future, limits.most_sessions),
        ("scores", given.scores, limits.most_scores),
    ):
        if len(rows) > most:
            raise bad(f"{len(rows)} are too many", kind, f"Give at most {most}.")
    if given.weight_kg is not None:
        _between(given.weight_kg, 20, 350, "weight_kg")
    for i, row in enumerate(given.scores):
        _between(row.value, 0, cuts.top, f"scores[{i}].value")
        _between(row.day, -limits.most_days, limits.most_days, f"scores[{i}].day")
    held, planned = (_given(given, kind) for kind in ("sessions", "future"))
    drawn = foreseen.people(condition, (*held, *planned), given.setting, given.concomitant)
    seen = _after_the_first(given)
    who = Person(
        drawn,
        tuple(one.session for one in held),
        tuple(one.session for one in planned),
        Scores(given.baseline, seen, cuts),
        given.until_day,
    )
    warnings = [*foreseen.beyond(condition, (*held, *planned)), *foreseen.crowded(len(seen))]
    warnings += [*_out_of_order(given), *_left_alone(given)]
    if not speaks_of(measure, condition):
        warnings.append(
            f"{measure.name} does not measure {condition}: the answer is that condition's, told in its points"
        )
    notes = [*_notes(given, foreseen.ways((*held, *planned))), *foreseen.beyond(condition, (*held, *planned))]
    return who, notes, warnings


def _after_the_first(given: PersonFile) -> tuple[tuple[float, float], ...]:
    """Scores after the first session, which is day 0 or the first that is told, each once. Raises BadInput for two that
    differ on one day."""
    first = _first(given)
    seen = sorted({(row.day, row.value) for row in given.scores if row.day > first})
    for (day, one), (later, other) in pairwise(seen):
        if day == later:
            what = f"two scores of day {day:g} differ: {one:g} and {other:g}"
            raise bad(what, "scores", "Give the one that counts, or the hour of each as a part of a day.")
    return tuple(seen)


def _first(given: PersonFile) -> float:
    return max(min((row.day for row in given.sessions), default=0.0), 0.0)


def _out_of_order(given: PersonFile) -> Iterator[str]:
    """A first session that is not day 0, and what is called future and lies before something that has been."""
    if _first(given) > 0:
        yield (
            f"the first session lies on day {_first(given):g}, and day 0 should be that of the first session: what comes by itself is"
            " counted from day 0"
        )
    last = max([row.day for row in given.sessions] + [row.day for row in given.scores], default=None)
    early = sorted(row.day for row in given.future if last is not None and row.day < last)
    if early:
        days = ", ".join(f"{day:g}" for day in early)
        yield (
            f"future: day {days} lies before the last session or score (day {last:g}): counted as planned, and not as given"
        )


def _left_alone(given: PersonFile) -> Iterator[str]:
    """Somebody who got nothing: the model was fitted to people in trials, who were seen and expected something."""
    if given.sessions and all(row.drug == NO_VISITS for row in given.sessions) and given.scores:
        yield (
            "no drug and no control was given: the course by itself is carried on from these scores alone, the model was "
            "fitted to nobody left alone, and the band is narrower than it should be"
        )


def _between(value: float, low: float, high: float, where: str, *, strictly: bool = False) -> None:
    if not (low < value if strictly else low <= value) or value > high:
        raise bad(f"{value:g} lies outside", where, f"Give {'more than ' * strictly}{low:g} to {high:g}.")


def _given(given: PersonFile, kind: str) -> list[foreseen.Given]:
    """The sessions of a list, in order of time."""
    rows: list[SessionFile] = getattr(given, kind)
    found = [_one(row, f"{kind}[{i}]", given) for i, row in enumerate(rows)]
    return sorted((one for one in found if one is not None), key=lambda one: one.day)


def _one(row: SessionFile, where: str, given: PersonFile) -> foreseen.Given | None:
    """A session as the model takes one; None where nobody came for one."""
    limits = designs().limits
    _between(row.day, 0, limits.most_days, f"{where}.day")
    drug = word("drug", row.drug, f"{where}.drug")
    if drug == NO_VISITS:
        return None
    if drug not in foreseen.drugs():
        return foreseen.Given(row.day)
    for name in ("route", "dose"):
        if getattr(row, name) is None:
            raise bad(f"{drug} needs a {name}", f"{where}.{name}", f"Give a {name}.")
    route = word("route", row.route or "", f"{where}.route")
    weight = given.weight_kg or limits.weight_kg
    mg = foreseen.mg(row.dose or "", f"{where}.dose", row.over_min, weight)
    if mg / weight > limits.most_mg_per_kg:
        what = f"{drug} {mg:.4g} mg is {mg / weight:.3g} mg/kg, which nobody is given: check the number and its unit"
        raise bad(what, f"{where}.dose", f"Give at most {limits.most_mg_per_kg:g} mg/kg.")
    return foreseen.Given(row.day, drug, route, mg, row.over_min or 0.0, weight)


def _notes(given: PersonFile, ways: set[tuple[str, str]]) -> Iterator[str]:
    if given.weight_kg is None:
        yield f"{designs().limits.weight_kg:g} kg, as no weight is given"
    yield from foreseen.stands_for(foreseen.measure_of(given.instrument))
    cut = relapse_of(foreseen.measure_of(given.instrument).id)
    if cut and not cut.verified:
        yield f"relapse: {cut.text}{f' ({cut.note})' if cut.note else ''}"
    numbers = pharmacology.response()
    for path in (f"settings.{given.setting}", *(f"potency.{route}" for _, route in sorted(ways))):
        if numbers.number(path).seen == "assumed":
            yield f"{path}: {numbers.number(path).meaning}"
    if any(row.day <= _first(given) for row in given.scores):
        yield f"scores on or before day {_first(given):g} are left to the baseline"
