"""What the response model is asked with: an instrument's cuts, a session's exposure, and what an answer rests on."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from lowtide.data import designs as data
from lowtide.data import pharmacology
from lowtide.data.designs import areas, designs
from lowtide.data.instruments import Instrument, instrument
from lowtide.data.maintenance import relapse_of
from lowtide.data.schedules import thresholds
from lowtide.problems import bad
from lowtide.science import units
from lowtide.science.pharmacology.response.areas import exposure
from lowtide.science.pharmacology.response.conditioning import Setting
from lowtide.science.pharmacology.response.model import DAY_H, Session
from lowtide.science.pharmacology.response.outlook import RESPONSE, Cuts
from lowtide.science.pharmacology.response.person import Upkeep, widened
from lowtide.science.pharmacology.response.worlds import Worlds, of_rows

MODEL = "lowtide.science.pharmacology.response"
ESTIMATE = "An estimate over virtual people, not a promise to anybody."


SLACK = 0.05  # doses are rounded to what can be measured
AFTER_SCORE_D = 28.0  # a relapse is looked for at least this long after the last score
FAR = 10.0  # times the largest dose that trials gave at once
BODY_SIZE = 0.75  # how clearance goes with weight


class Given(msgspec.Struct, frozen=True):
    """One session: its day, and the dose of a drug that the model knows, or none of it."""

    day: float
    drug: str = ""
    route: str = ""
    mg: float = 0.0
    over_min: float = 0.0
    weight_kg: float | None = None

    @property
    def session(self) -> Session:
        """As the response is asked: areas are the reference person's, a larger body clears the same amount faster."""
        if self.drug not in drugs():
            return Session(self.day, 0.0)
        reference = designs().limits.weight_kg
        mg = self.mg * (reference / (self.weight_kg or reference)) ** BODY_SIZE
        over_d = self.over_min / 60 / DAY_H
        found = float(exposure(pharmacology.response(), areas(), self.drug, self.route, mg))
        return Session(self.day, found, over_d if over_d > 1 else 0.0)


def ways(given: Iterable[Given]) -> set[tuple[str, str]]:
    """Drug and route of whatever was given of a drug that the model knows."""
    return {(one.drug, one.route) for one in given if one.drug in drugs()}


def beyond(condition: str, given: Iterable[Given]) -> Iterator[str]:
    """What of this was never studied so: the model carries its curve on beyond its data."""
    studied = {(one.drug, one.route): one for one in designs().studied}
    given = tuple(given)
    if pharmacology.response().conditions[condition].process == "pain":
        yield from _far_beyond(given)
        return
    for way in sorted(ways(given) - set(studied)):
        yield f"{way[0]} by {way[1]}: no trial of this way is in the fit, its part is assumed"
    told = set()
    for one in given:
        known = studied.get((one.drug, one.route))
        if known is None:
            continue
        weight = one.weight_kg or designs().limits.weight_kg
        amount = one.mg / weight if known.per_kg else one.mg
        if not known.least * (1 - SLACK) <= amount <= known.most * (1 + SLACK):
            unit = "mg/kg" if known.per_kg else "mg"
            told.add(
                f"{one.drug} {amount:.3g} {unit} by {one.route} lies outside what trials gave"
                f" ({known.least:g} to {known.most:g} {unit}): the curve is carried on beyond its data"
            )
    yield from sorted(told)


def crowded(scores: int) -> Iterator[str]:
    """That many scores of one person follow each other more closely than the model believes."""
    if scores > designs().limits.trusted_scores:
        yield (
            f"{scores} scores: the model takes the error of each for itself, and with more than"
            f" {designs().limits.trusted_scores} is surer of what holds this response, and of its loss, than it should be"
        )


def _far_beyond(given: Iterable[Given]) -> Iterator[str]:
    """Pain is treated over hours and days with more than mood is; what lies far beyond either is said."""
    most = {(one.drug, one.route): one for one in designs().studied}
    told = set()
    for one in given:
        known = most.get((one.drug, one.route))
        if known is None:
            continue
        amount = one.mg / (one.weight_kg or designs().limits.weight_kg) if known.per_kg else one.mg
        if amount > FAR * known.most:
            unit = "mg/kg" if known.per_kg else "mg"
            told.add(
                f"{one.drug} {amount:.3g} {unit} by {one.route} is more than {FAR:g} times what trials gave at once"
                f" ({known.most:g} {unit}): the curve is carried on far beyond its data"
            )
    yield from sorted(told)


def people(
    condition: str, given: Iterable[Given], setting: str = "real_world", concomitant: str | None = None
) -> Setting:
    """Whom the members are drawn for. Raises BadInput for an unknown setting or concomitant treatment."""
    numbers = pharmacology.response()
    drawn = Setting(numbers, numbers.conditions[condition], setting, concomitant)
    drawn.check()
    spreads = [
        (areas().area[drug][route].log_sd ** 2 + numbers.potency[route].log_se ** 2) ** 0.5
        for drug, route in ways(given)
    ]
    return widened(drawn, [max(spreads)]) if spreads else drawn


def cuts(measure: Instrument, remission: float | None = None) -> Cuts:
    """The instrument's own cuts, or another for remission, and its top score."""
    designs().of(measure.id)  # the model answers for it
    relapse, rule = relapse_of(measure.id), measure.change
    fall, points, at_most = (
        None if value is None else float(value)
        for value in (
            (rule.response_fall_pct, rule.response_points, rule.response_at_most) if rule else (None,) * 3
        )
    )
    fall = None if fall is None else fall / 100
    return Cuts(
        remission_at_most(measure) if remission is None else remission,
        float(relapse.at_least) if relapse else None,
        top(measure),
        fall if names_response(measure) else RESPONSE,
        points,
        at_most,
    )


def supported_until(seen: Iterable[tuple[float, float]]) -> float:
    """The day after which neither trials nor the last of these scores (day, value) say much of anybody."""
    limits = designs().limits
    last = max((day for day, _ in seen), default=None)
    return max(limits.trusted_d, 0.0 if last is None else last + limits.trusted_after_score_d)


def names_response(measure: Instrument) -> bool:
    """Whether the instrument's table says what a response is."""
    rule = measure.change
    return rule is not None and any(
        one is not None for one in (rule.response_fall_pct, rule.response_points, rule.response_at_most)
    )


def response_words(measure: Instrument, baseline: float) -> str:
    """What p_response, a response that holds and one that is lost mean here."""
    found = cuts(measure)
    rules = [
        *([f"a fall of {100 * found.fall:g} %"] if found.fall is not None else []),
        *([f"of {found.points:g} points"] if found.points is not None else []),
        *([f"a score of {found.at_most:g} or less"] if found.at_most is not None else []),
        *([f"a remission ({found.remission:g} or less)"] if found.remission is not None else []),
    ]
    basis = (
        ""
        if names_response(measure)
        else ": no table of this instrument says what a response is, half is assumed"
    )
    return f"{' or '.join(rules)}{basis}; from {baseline:g}, a {measure.name} of {found.response(baseline):.3g} or less"


def measure_of(given: str) -> Instrument:
    """The instrument that a file names, by one of its parts too. Raises BadInput naming the choices."""
    return instrument(designs().named(given))


def stands_for(measure: Instrument) -> Iterator[str]:
    """On what ground the model answers for it, where no trial in the fit was scored by it."""
    about = designs().of(measure.id)
    if about.note:
        yield f"{measure.name}: {about.note}{'' if about.verified else ' (unverified)'}"


def top(measure: Instrument) -> float:
    return float(re.findall(r"[0-9.]+", measure.total_range)[-1])


def remission_at_most(measure: Instrument) -> float | None:
    """The highest whole score that counts as remission; None where no cut is known."""
    change = measure.change
    if change is not None and change.remission_at_most is not None:
        return float(change.remission_at_most)
    if change is not None and change.remission_below is not None:
        return float(change.remission_below) - 1
    return None


def mg(text: str, where: str, over_min: float | None, weight_kg: float) -> float:
    """A dose in mg of base. Raises BadInput where an amount an hour has no duration, or there is none."""
    dose = units.dose(text, where)
    amount = float(dose.value) * (weight_kg if dose.per_kg else 1.0)
    if dose.per_h:
        if not over_min:
            raise bad(f"“{text}” needs to know for how long", where, "Give over_min beside it.")
        amount *= over_min / 60
    if amount <= 0:
        raise bad(f"“{text}” is no dose", where, "Give more than 0, or a control as the drug.")
    return amount


def upkeep() -> Upkeep:
    """The rule of the next session, as the clinic has it: the same for every page and command."""
    said = thresholds()
    opens, closes = (said[f"fade_{end}_pct"].value / 100 for end in ("opens", "closes"))
    return Upkeep(opens, closes, 7.0 * said["fade_weeks"].value, AFTER_SCORE_D)


def drugs() -> tuple[str, ...]:
    return tuple(areas().area)


@cache
def worlds() -> Worlds:
    """The fitted truths."""
    return of_rows(data.worlds())


def basis(condition: str, notes: Iterable[str] = ()) -> dict[str, object]:
    """What an answer stands on, for whoever reads it."""
    numbers = pharmacology.response()
    return {
        "model": MODEL,
        "numbers": pharmacology.version(),
        "condition": condition,
        "evidence": numbers.conditions[condition].seen,
        "calibration": data.calibration(),
        "assumed": list(dict.fromkeys(notes)),
        "estimate": ESTIMATE,
    }
