"""A trial's design as it is written in a file, turned into what the response model simulates."""

from collections.abc import Iterator

import msgspec

from lowtide.data import pharmacology
from lowtide.data.designs import areas, designs
from lowtide.data.instruments import Instrument
from lowtide.data.vocabulary import word
from lowtide.pathway.course import foreseen
from lowtide.problems import bad
from lowtide.science.pharmacology.response.trial import Arm, Asked, Time, trial

NO_VISITS = "none"


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mean: float
    sd: float | None = None


class ArmFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One arm as written. `schedule` is a word or a list of days."""

    name: str
    drug: str
    route: str | None = None
    dose: str | None = None
    over_min: float | None = None
    schedule: str | list[float] | None = None
    sessions: int | None = None
    treatment_days: float | None = None


class Design(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A design as written."""

    instrument: str
    times_days: list[float]
    arms: list[ArmFile]
    n: int = 60
    baseline: Baseline | None = None
    concomitant: str | None = None
    setting: str = "blinded"
    remission_cut: float | None = None
    condition: str | None = None
    seed: int = 1


class ArmAnswer(msgspec.Struct, frozen=True):
    name: str
    times: list[Time]


class Answer(msgspec.Struct, frozen=True):
    """The document of `lowtide trial`."""

    arms: list[ArmAnswer]
    basis: dict[str, object]


def simulated(design: Design) -> Answer:
    """What each arm would print. Raises BadInput naming the field."""
    measure = foreseen.measure_of(design.instrument)
    asked = _asked(design, measure)
    arms = tuple(_arm(arm, i, design) for i, arm in enumerate(design.arms))
    notes = list(_notes(design, measure, arms))
    people = designs().people
    found = trial(
        asked,
        arms,
        pharmacology.response(),
        areas(),
        foreseen.worlds(),
        people=_people(design.n),
        draws=int(people["trials"].value),
        seed=design.seed,
    )
    about = foreseen.basis(_condition(design, measure), notes)
    about["virtual_people_per_arm"] = foreseen.worlds().count * _people(design.n)
    about["sessions_days"] = {arm.name: list(arm.days) for arm in arms}
    return Answer([ArmAnswer(a.name, times) for a, times in zip(arms, found, strict=True)], about)


def _people(n: int) -> int:
    """Virtual people of each world: at least twice an arm, within bounds, a power of two."""
    people = designs().people
    least, most = (int(people[name].value) for name in ("of_a_world_least", "of_a_world"))
    return min(max(least, 1 << (2 * n - 1).bit_length()), most)


def _asked(design: Design, measure: Instrument) -> Asked:
    numbers, limits = pharmacology.response(), designs().limits
    if not 1 <= design.n <= limits.most_people:
        raise bad(f"{design.n} people an arm", "n", f"Give 1 to {limits.most_people}.")
    if not design.arms:
        raise bad("no arm is given", "arms", "Give at least one.")
    names = [arm.name for arm in design.arms]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise bad(f"two arms are called “{name}”", f"arms[{i}].name", "Give each arm a name of its own.")
    top, cut = foreseen.top(measure), design.remission_cut
    if cut is not None and not 0 <= cut < top:
        raise bad(
            f"{cut:g} is no cut", "remission_cut", f"Give 0 to below {top:g}, or null for the usual cut."
        )
    if not design.times_days:
        raise bad("no day is asked for", "times_days", "Give days after the first dose, like [1, 28].")
    for day in design.times_days:
        if not 0 <= day <= limits.most_days:
            raise bad(f"day {day:g} lies outside", "times_days", f"Give days from 0 to {limits.most_days:g}.")
    for given, known, where in (
        (design.setting, numbers.settings, "setting"),
        (design.concomitant or "none", numbers.background, "concomitant"),
    ):
        if given not in known:
            raise bad(f"unknown {where} “{given}”", where, f"Use one of: {', '.join(known)}.")
    return Asked(
        numbers.conditions[_condition(design, measure)],
        _baseline(design, measure),
        top,
        foreseen.cuts(measure, design.remission_cut).remission,
        tuple(design.times_days),
        design.setting,
        design.concomitant,
        design.n,
    )


def _condition(design: Design, measure: Instrument) -> str:
    usual = designs().of(measure.id).condition
    return usual if design.condition is None else word("indication", design.condition, "condition")


def _baseline(design: Design, measure: Instrument) -> tuple[float, float]:
    usual, top = designs().of(measure.id).baseline, foreseen.top(measure)
    if design.baseline is None:
        return usual
    mean, sd = design.baseline.mean, design.baseline.sd
    sd = usual[1] if sd is None else sd
    if not 0 < mean <= top:
        raise bad(f"{mean:g} is no baseline", "baseline.mean", f"Give more than 0 and at most {top:g}.")
    if not 0 <= sd <= top / 2:
        raise bad(f"{sd:g} is no standard deviation", "baseline.sd", f"Give 0 to {top / 2:g}.")
    return mean, sd


def _arm(arm: ArmFile, number: int, design: Design) -> Arm:
    where = f"arms[{number}]"
    drug = word("drug", arm.drug, f"{where}.drug")
    if drug == NO_VISITS:
        return Arm(arm.name, ())
    days = _days(arm, where, design)
    if drug not in foreseen.drugs():
        return Arm(arm.name, days, control=drug)
    for name in ("route", "dose"):
        if getattr(arm, name) is None:
            raise bad(
                f"{drug} needs a {name}", f"{where}.{name}", f"Give a {name}, or a control as the drug."
            )
    route = word("route", arm.route or "", f"{where}.route")
    mg = foreseen.mg(arm.dose or "", f"{where}.dose", arm.over_min, designs().limits.weight_kg)
    over_d = (arm.over_min or 0.0) / 60 / 24
    return Arm(arm.name, days, drug, route, mg, over_d=over_d if over_d > 1 else 0.0)


def _days(arm: ArmFile, where: str, design: Design) -> tuple[float, ...]:
    """Days of the sessions, the first of them 0."""
    limits = designs().limits
    if isinstance(arm.schedule, list):
        found = sorted(set(arm.schedule))
        if not found or found[-1] - found[0] > limits.most_days:
            raise bad(
                "no list of days", f"{where}.schedule", f"Give 1 or more within {limits.most_days:g} days."
            )
        days = [day - found[0] for day in found]
    else:
        days = list(_of_word(arm, f"{where}.schedule", design))
    if not 1 <= len(days) <= limits.most_sessions:
        raise bad(f"{len(days)} sessions", f"{where}.sessions", f"Give 1 to {limits.most_sessions} sessions.")
    return tuple(days[: arm.sessions] if arm.sessions else days)


def _of_word(arm: ArmFile, where: str, design: Design) -> Iterator[float]:
    """A schedule's days for as many sessions as are given, or for the days of treatment, or until the last reading."""
    limits, sessions = designs().limits, arm.sessions
    if sessions is not None and not 1 <= sessions <= limits.most_sessions:
        raise bad(f"{sessions} sessions", where, f"Give 1 to {limits.most_sessions}.")
    one = designs().round(str(arm.schedule or ("single" if sessions in (None, 1) else "")), where)
    if not one.every_d:
        if sessions not in (None, len(one.days)):
            raise bad(f"{sessions} sessions of a single one", where, "Give a schedule, or one session.")
        yield from one.days
        return
    until = arm.treatment_days if arm.treatment_days is not None else max(design.times_days)
    made = 0
    while made < (sessions or limits.most_sessions):
        day = one.days[made % len(one.days)] + one.every_d * (made // len(one.days))
        if sessions is None and day >= max(until, 1e-9) and made:
            return
        yield day
        made += 1


def _notes(design: Design, measure: Instrument, arms: tuple[Arm, ...]) -> Iterator[str]:
    limits = designs().limits
    if design.baseline is None:
        mean, sd = designs().of(measure.id).baseline
        yield f"baseline {mean:g} (SD {sd:g}), as the design names none"
    elif design.baseline.sd is None:
        yield f"SD of the baseline {designs().of(measure.id).baseline[1]:g}, as the design names none"
    yield from foreseen.stands_for(measure)
    yield f"{limits.weight_kg:g} kg for doses by weight and for fixed ones"
    yield "everybody is read at every time: nobody drops out"
    if any(isinstance(a.schedule, list) and a.schedule and min(a.schedule) for a in design.arms):
        yield "a list of days counts from its first"
    used = dict.fromkeys(arm.route for arm in arms if arm.drug is not None)
    for path in (f"settings.{design.setting}", *(f"potency.{route}" for route in used)):
        number = pharmacology.response().number(path)
        if number.seen == "assumed":
            yield f"{path}: {number.meaning}"
