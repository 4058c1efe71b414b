"""A kept forecast as pictures and words: what stands beside an order before it is signed, and what stood there (pure)."""

from collections.abc import Iterator, Sequence
from typing import Any

from lowtide.data import pharmacology
from lowtide.data.forecast import PanelWords, numbers
from lowtide.data.vocabulary import label
from lowtide.pathway.course.drawing.bands_data import Band, Dose, Panel, Picture, Series, Time, figure
from lowtide.pathway.course.drawing.scale import plain
from lowtide.record.entries.base import Answer
from lowtide.record.entries.forecast import Forecast, ForecastDose, ForecastFor, ForecastQuantity, Spread

PER: dict[Time, float] = {"min": 1.0, "h": 60.0, "days": 1440.0}
APART_H = 1.0  # devices of one session follow each other faster
HYPERTENSION = {
    Answer.YES: "hypertension",
    Answer.NO: "no hypertension",
    Answer.NOT_KNOWN: "hypertension not known, taken as none",
}


def picture(found: Forecast, key: str, panels: Sequence[str] = ()) -> Picture:
    """The forecast drawn: the panels named, or those shown first."""
    time = time_unit(found.minutes[-1])
    by_name = {quantity.name: quantity for quantity in found.quantities}
    wanted = [numbers().panel[name] for name in panels or numbers().first]
    return Picture(
        key=key,
        title=f"What {doses_text(found.doses)} may do",
        time=time,
        panels=tuple(
            _panel(words, [by_name[n] for n in words.quantities if n in by_name], found, time)
            for words in wanted
            if by_name.keys() & set(words.quantities)
        ),
        doses=tuple(_dose(given, time) for given in sessions(found.doses)),
        caption=caption(found),
    )


def course(found: Forecast, key: str) -> Picture | None:
    """Symptoms over the course, where the forecast has them."""
    said = found.course
    if said is None:
        return None
    bands = tuple(
        Band(at=day, **{k: getattr(said, k)[i] for k in Spread.__struct_fields__})
        for i, day in enumerate(said.days)
    )
    last = said.sessions[-1]
    at_end = next(band for band in bands if band.at >= last + 1)
    words = f"{figure(at_end.median)} ({figure(at_end.p5)} to {figure(at_end.p95)}) % the day after the last session"
    status = f"evidence: {said.evidence}"
    symptoms = Panel(
        unit="% of baseline", series=(Series("Symptoms", bands, words),), status=status, high=120.0
    )
    return Picture(
        key=key,
        title=f"What {len(said.sessions)} sessions like this may do in {label('indication', said.condition)}",
        time="days",
        panels=(symptoms,),
        doses=tuple(Dose(day, day, "") for day in said.sessions),
        caption=f"{found.members} virtual people, seed {found.seed}. Numbers {found.numbers}.",
    )


def others() -> list[str]:
    """The panels that are not shown first."""
    return [name for name in numbers().panel if name not in numbers().first]


def time_unit(minutes: float) -> Time:
    return "min" if minutes <= 480 else "h" if minutes <= 4 * 1440 else "days"


def _panel(words: PanelWords, quantities: list[ForecastQuantity], found: Forecast, time: Time) -> Panel:
    said = dict.fromkeys(quantity.evidence for quantity in quantities if quantity.evidence)
    return Panel(
        unit=words.unit,
        series=tuple(_series(quantity, words, found, time) for quantity in quantities),
        status=f"evidence: {'; '.join(said)}" if said else f"{found.site} level",
        high=words.high,
    )


def _series(quantity: ForecastQuantity, words: PanelWords, found: Forecast, time: Time) -> Series:
    def at(i: int) -> Band:
        values = {k: getattr(quantity, k)[i] * words.times for k in Spread.__struct_fields__}
        return Band(at=found.minutes[i] / PER[time], **values)

    peak, when = peak_words(quantity, words, time)
    return Series(
        name(quantity, found),
        tuple(at(i) for i in range(len(found.minutes))),
        f"peak {peak} {words.unit} at {when} {time}",
    )


def name(quantity: ForecastQuantity, found: Forecast) -> str:
    return numbers().name(quantity.name, (d.drug for d in found.doses))


def peak_words(quantity: ForecastQuantity, words: PanelWords, time: Time) -> tuple[str, str]:
    """The peak with its band, and its moment in this unit."""
    low, middle, high = (
        figure(v * words.times) for v in (quantity.peak.p5, quantity.peak.median, quantity.peak.p95)
    )
    return f"{middle} ({low} to {high})", plain(
        round(quantity.peak_min.median / PER[time], 0 if time == "min" else 1)
    )


def sessions(doses: Sequence[ForecastDose]) -> list[list[ForecastDose]]:
    """Doses that belong together: the devices of one session."""
    found: list[list[ForecastDose]] = []
    for dose in doses:
        same = found and dose.at_h - found[-1][-1].at_h < APART_H and dose.route == found[-1][-1].route
        if same and not dose.over_min:
            found[-1].append(dose)
        else:
            found.append([dose])
    return found


def _dose(given: Sequence[ForecastDose], time: Time) -> Dose:
    start, end = given[0].at_h * 60, given[-1].at_h * 60 + given[-1].over_min
    return Dose(start / PER[time], end / PER[time], dose_text(given))


def dose_text(given: Sequence[ForecastDose]) -> str:
    over = f" over {plain(given[0].over_min)} min" if given[0].over_min else ""
    devices = f", {len(given)} devices" if len(given) > 1 else ""
    return f"{plain(round(sum(d.mg for d in given), 2))} mg {label('route', given[0].route)}{over}{devices}"


def doses_text(doses: Sequence[ForecastDose]) -> str:
    """The doses in words: several sessions are counted."""
    found, drug = sessions(doses), label("drug", doses[0].drug)
    return f"{drug} {dose_text(found[0])}" if len(found) == 1 else f"{drug}, {len(found)} doses"


def caption(found: Forecast) -> str:
    """Who spoke, for how many, from which seed."""
    names = dict.fromkeys(m for quantity in found.quantities for m in quantity.models)
    return (
        f"{found.members} virtual people, seed {found.seed}. Models: {'; '.join(map(model_name, names))}. "
        f"{found.confidence.capitalize()} confidence. Numbers {found.numbers}."
    )


def model_name(name: str) -> str:
    """Author and year of a published model."""
    known = pharmacology.models().get(name)
    return known.title.split(":")[0].split(" (")[0] if known else name


def validity_text(notes: Sequence[str]) -> list[str]:
    """Where it holds, with models by author and year."""
    return [_named(note) for note in notes]


def _named(note: str) -> str:
    for key in pharmacology.models():
        note = note.replace(key, model_name(key))
    return note


def person_text(who: ForecastFor) -> Iterator[str]:
    """What of this person went in, and what was not known."""
    yield f"{plain(who.weight_kg)} kg"
    yield f"{who.age:.0f} years" if who.age is not None else "age not known"
    yield {"F": "female", "M": "male"}.get(who.sex or "", "sex at birth not known")
    yield HYPERTENSION[who.hypertension]
    interactions = pharmacology.interactions()
    yield from (f"{key} ({interactions[key].observed})" for key in who.taking if key in interactions)
    if who.sedating:
        yield f"sedating: {', '.join(who.sedating)}"
    if not who.taking:
        yield "no medicine with a measured effect on the level"


def rows(found: Forecast) -> list[dict[str, Any]]:
    """One line a quantity: peak, its time, on what it rests, who spoke."""
    time = time_unit(found.minutes[-1])
    return [
        {
            "label": name(quantity, found),
            "peak": peak,
            "unit": words.unit,
            "when": f"{when} {time}",
            "evidence": quantity.evidence or "published models",
            "models": ", ".join(map(model_name, quantity.models)),
        }
        for quantity in found.quantities
        for words in (numbers().words(quantity.name),)
        for peak, when in (peak_words(quantity, words, time),)
    ]
