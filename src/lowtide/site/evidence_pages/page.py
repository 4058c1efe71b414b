"""The page of one indication, put together: answers, league, forest, web, onset, durability, side effects, what is unknown."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from django.urls import reverse

from lowtide.data import named_answers, read
from lowtide.data.evidence import Study, Tables
from lowtide.data.evidence_pages import Page, onset
from lowtide.data.evidence_words import words
from lowtide.pathway.course.trial_answers import Standing, known, standing
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Answer as Compared
from lowtide.science.evidence.course import courses
from lowtide.science.evidence.joining import Network
from lowtide.science.evidence.judged import Condition, condition
from lowtide.science.evidence.named import Answer
from lowtide.science.evidence.on_whom import of_all, sort
from lowtide.science.evidence.selection import Question, studies_on
from lowtide.science.evidence.shares import of_100
from lowtide.site.comparisons import needed_told
from lowtide.site.evidence_pages import (
    forest,
    half_times,
    harms,
    lasting,
    league,
    over_time,
    reactions,
    statistics,
)
from lowtide.site.evidence_pages.analysed import compared, label
from lowtide.site.evidence_pages.drawing.lanes import Sheet
from lowtide.site.evidence_pages.forest import effect_told, named, number, reviewed
from lowtide.site.evidence_pages.pictures import cited, onset_picture, picture, web_picture
from lowtide.site.evidence_pages.readable import readable
from lowtide.site.evidence_pages.rows import anchor

DESIGNS = {"parallel": "", "crossover": "crossover: each had both in turn and is counted once"}


class Choice(msgspec.Struct, frozen=True):
    """A comparison to choose: what the page shows, and what else it may."""

    outcome: str
    at: str
    label: str
    current: bool


def choices(page: Page, asked: Question) -> list[Choice]:
    return [
        Choice(outcome, at, choice_label(outcome, at), (outcome, at or None) == (asked.outcome, asked.at))
        for outcome, at in page.asked
    ]


def choice_label(outcome: str, at: str) -> str:
    when = {"h": "hours", "d": "days"}
    time = f"{at[:-1]} {when[at[-1]]}" if at else "whole follow-up"
    return f"{words().outcome[outcome].label.capitalize()}, {time}"


def studies(tables: Tables, indication: str) -> tuple[Study, ...]:
    return studies_on(tables, words(), indication)


def answer_row(answer: Answer, now: Standing) -> dict[str, Any]:
    """An answer by name as a line, with the way to its rows."""
    return answer_told(answer) | {"links": links(answer, now)}


def answer_told(answer: Answer) -> dict[str, Any]:
    """What, of a hundred, the effect, how sure."""
    shares = "" if answer.percent is None else of_100(answer.percent)
    if answer.control_percent is not None:
        shares += f" against {of_100(answer.control_percent)}"
    return {
        "name": answer.name,
        "about": answer.said.about,
        "treated": answer.said.treated,
        "against": answer.said.against,
        "shares": shares,
        "effect": effect_text(answer),
        "few": few_told(answer.knapp),
        "on": answer.on,
        "certainty": answer.certainty.replace("_", " "),
        "because": readable(answer.because, known().tables),
        "people": people_told(answer),
        "counted": bool(answer.said.count),
    }


def people_told(answer: Answer) -> str:
    """How many were counted; where nobody says how many, how many took part or could be."""
    if answer.people is not None:
        return f"{answer.people} people"
    if answer.took_part:
        return f"{answer.took_part} people took part; how many were counted was not read"
    return f"at most {answer.people_at_most} people" if answer.people_at_most else ""


def few_told(knapp: tuple[float, float] | None) -> str:
    """Hartung and Knapp's limits, which few trials have beside the usual ones."""
    return f"{number(knapp[0])} to {number(knapp[1])}" if knapp else ""


def effect_text(answer: Answer) -> str:
    if answer.effect is not None:
        limits = (
            f" ({number(answer.lower)} to {number(answer.upper)})"
            if answer.lower is not None and answer.upper is not None
            else f", p {answer.p_said}" * bool(answer.p_said)
        )
        apart = "" if answer.interaction is None else f"; interaction p {number(answer.interaction)}"
        return f"{answer.measure} {number(answer.effect)}{limits}{apart}"
    if answer.value is not None:
        beside = f" against {answer.control_value:g}" if answer.control_value is not None else ""
        return f"{answer.value:g}{beside} {answer.unit}".rstrip()
    if answer.per_100 is None and answer.trials is not None and not answer.rows:
        return f"{answer.trials} trial{'' if answer.trials == 1 else 's'}"
    return answer.words or (f"p {answer.p:g}" if answer.p is not None else "")


def links(answer: Answer, now: Standing) -> list[tuple[str, str]]:
    """(name, address) of every page that holds rows of the answer."""
    found: dict[str, str] = {}
    for table, row in answer.rows:
        if table == "pooled":
            key = row.pooled_id  # type: ignore[attr-defined]
            found[cited(answer, now)] = reverse("site:evidence_review", args=[key])
        else:
            study = row.study_id  # type: ignore[attr-defined]
            found.setdefault(named(now.tables, study), f"{study_url(study)}#{anchor(table, row.line)}")
    for study in answer.studies:
        found.setdefault(named(now.tables, study), study_url(study))
    if answer.said.rate:
        found["label table"] = rates_url(answer.said.rate)
    return list(found.items())


def judged_by(one: Condition, now: Standing) -> dict[str, Any]:
    """A condition of a claim with what it asks about and what the answer says, in its own unit."""
    answer = now.answers.get(one.answer)
    return {
        "about": answer.said.about if answer else one.answer,
        "text": one.text,
        "holds": one.holds,
        "value": "" if answer is None or one.value is None else _in_its_unit(answer, one.what, one.value),
    }


def _in_its_unit(answer: Answer, what: str, value: float) -> str:
    if what in ("percent", "per_100", "control_percent"):
        return f"{of_100(value)} of 100"
    if what == "sure":
        return f"certainty {answer.certainty.replace('_', ' ')}"
    if what == "shown":
        return "a difference was shown" if value else "no difference was shown"
    if what in ("effect", "lower", "upper"):
        return f"{answer.measure or 'of 100'} {number(value)}"
    unit = {"value": answer.unit, "value_gap": answer.unit, "trials": "trials", "n": "people"}.get(what, "")
    return f"{round(value, 3):g} {unit}".rstrip()


def study_url(study: str, *, unverified: bool = False) -> str:
    return reverse("site:evidence_study", args=[study]) + ("?unverified=1" if unverified else "")


def comparison_row(one: Comparison, tables: Tables) -> dict[str, Any]:
    """A comparison as a line; without evidence it says why and gives no number."""
    shown = one.absolute
    return {
        "one": one,
        "treatment": label(tables, one.treatment),
        "versus": label(tables, one.versus),
        "on": of_all(tables, words(), one.studies),
        "effect": "" if one.effect is None else effect_told(one),
        "per_100": f"{of_100(shown.per_100)} ({of_100(shown.lower)} to {of_100(shown.upper)}) against {of_100(shown.baseline)}"
        if shown
        else "",
        "few": few_told(one.knapp),
        "needed": needed_told(shown) if shown else "",
        "also": [
            f"{effect_told(other)}{_few(other)}, {other.evidence}, {other.group or ', '.join(other.at)}; "
            f"on {of_all(tables, words(), other.studies).said}"
            for other in one.also
        ],
        "baseline_from": readable(shown.baseline_from, tables) if shown else "",
        "why": [readable(text, tables) for text in one.why],
        "sure_why": readable(one.certainty.why, tables) if one.certainty else "",
        "studies": _behind(one, tables),
    }


def _few(one: Comparison) -> str:
    return f", few trials: {few_told(one.knapp)}" if one.knapp else ""


def _behind(one: Comparison, tables: Tables) -> list[tuple[str, str]]:
    """(name, address) of each trial or review behind a comparison."""
    pooled = {p.pooled_id for p in tables.pooled}
    return [
        (reviewed(tables, s), reverse("site:evidence_review", args=[s]))
        if s in pooled
        else (named(tables, s), study_url(s, unverified=not one.verified))
        for s in one.studies
        if s in pooled or s in tables.study
    ]


def comparisons(found: Compared, tables: Tables) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those with a number, and those without."""
    rows = [comparison_row(one, tables) for one in found.comparisons]
    return [r for r in rows if not r["one"].no_evidence], [r for r in rows if r["one"].no_evidence]


def unconnected(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Comparisons without a number, a line for each treatment: with what no trial connects it, and what is there instead."""
    by_treatment: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_treatment[row["treatment"]].append(row)
    return [_unconnected(treatment, its) for treatment, its in by_treatment.items()]


def _unconnected(treatment: str, its: list[dict[str, Any]]) -> dict[str, Any]:
    """`shared` is what all of them say; `versus` are (the other treatment, what is said of it alone)."""
    said = [_beyond_the_pair(row) for row in its]
    shared = [text for text in said[0] if all(text in other for other in said)]
    return {
        "treatment": treatment,
        "shared": shared,
        "versus": [
            (row["versus"], " ".join(text for text in texts if text not in shared))
            for row, texts in zip(its, said, strict=True)
        ],
    }


def _beyond_the_pair(row: dict[str, Any]) -> list[str]:
    """What is said besides that no trial connects the two."""
    return [text for text in row["why"] if not (row["treatment"] in text and row["versus"] in text)]


def networks(found: Iterable[Network], asked: Question, tables: Tables) -> list[dict[str, Any]]:
    """Each network's drawings and league tables, told apart by what keeps it from the others."""
    kind = words().outcome[asked.outcome]
    shown = []
    for number_, one in enumerate(found, start=1):
        title = _title(one, tables)
        sheet = forest.sheet(one, tables, f"forest-{number_}", title, more_is_better=kind.good == "more")
        shown.append(
            {
                "title": title,
                "forest": picture(sheet),
                "web": web_picture(
                    league.drawn(one, tables, f"web-{number_}", f"Who was compared with whom: {title}")
                ),
                "leagues": league.leagues(one, tables),
                "statistics": statistics.of_network(
                    one, tables, f"funnel-{number_}", more_is_better=kind.good == "more"
                ),
                "measure": forest.NAMES.get(one.measure, one.measure),
                "said": [readable(t, tables) for t in dict.fromkeys(t for u in one.units for t in u.said)],
            }
        )
    return shown


def _title(one: Network, tables: Tables) -> str:
    population = sort(tables, words(), one.population, (s for u in one.units for s in u.covers))
    parts = (one.group, population, DESIGNS.get(one.design, one.design))
    title = "; ".join(part for part in parts if part)
    return title[:1].upper() + title[1:]


def reviewed_trials(page: Page, now: Standing) -> int:
    """How many trials against a control a review behind the first answers put together; their rows are not in the table."""
    found = (now.answers[a] for a in page.answers if a in now.answers)
    return max((a.trials or 0 for a in found if a.said.pooled and a.said.against), default=0)


def unknown(page: Page, now: Standing) -> list[str]:
    return [o.text for o in page.unknown if all(condition(text, now.answers).holds for text in o.when)]


def texts() -> str:
    """A fingerprint of what stands on the pages beside the tables."""
    own = (
        "evidence/indications.toml",
        "evidence/claims.toml",
        "evidence/checked.json",
        "evidence/harms.toml",
        "evidence/outside.toml",
    )
    return read.digest(*own) + named_answers.digest()


def whole(page: Page, asked: Question) -> dict[str, Any]:
    """Everything that the page of an indication shows."""
    now, of = standing(), known()
    tables = of.tables
    its = studies(tables, page.id)
    ids = [s.study_id for s in its if s.verified or asked.unverified]
    kept = lasting.rows_of(tables, ids, unverified=asked.unverified)
    drawn = lasting.sheet(tables, kept)
    about: dict[str, Any] = {
        "answers": [answer_row(now.answers[a], now) for a in page.answers if a in now.answers],
        "usual": [answer_row(now.answers[a], now) for a in page.usual if a in now.answers],
        "choices": choices(page, asked),
        "studies": [
            (s, named(tables, s.study_id), study_url(s.study_id, unverified=asked.unverified)) for s in its
        ],
        "onset": onset_picture(now) if page.onset else None,
        "onset_rows": _onset_rows(now) if page.onset else [],
        "lasting": picture(drawn) if drawn else None,
        "half_times": half_times.of_rows(
            tables, kept, partial(study_url, unverified=asked.unverified), unverified=asked.unverified
        ),
        "lasting_rows": _studies_of(tables, (row.study_id for row in kept), unverified=asked.unverified),
        "told": [
            (t, f"{study_url(t.study, unverified=not t.verified)}#{anchor('durability', t.line)}")
            for t in lasting.told(tables, kept)
        ],
        "harms": [
            harm(g, f"harms-{i}")
            for i, g in enumerate(
                harms.groups(tables, of.words, of.rates, page.id, ids, unverified=asked.unverified)
            )
        ],
        "reactions": reactions.on(page.id, ids),
        "unknown": unknown(page, now),
    }
    return about | (_compared(asked, tables) if page.asked else {})


def harm(group: harms.Group, key: str) -> tuple[harms.Group, dict[str, Any], str]:
    """A group with its drawing and the page of all its rows."""
    return group, picture(harms.sheet(group, key)), study_url(group.study) if group.study else rates_url()


def rates_url(key: str = "") -> str:
    return reverse("site:evidence_rates") + (f"#{key}" if key else "")


def _onset_rows(now: Standing) -> list[tuple[str, str]]:
    """The pages of all rows that are drawn on the axis of time."""
    names = dict.fromkeys(mark.answer for lane in onset() for mark in lane.marks)
    return list(
        dict.fromkeys(link for name in names if name in now.answers for link in links(now.answers[name], now))
    )


def _studies_of(tables: Tables, ids: Iterable[str], *, unverified: bool) -> list[tuple[str, str]]:
    return [(named(tables, s), study_url(s, unverified=unverified)) for s in dict.fromkeys(ids)]


def _published(found: Compared, asked: Question, tables: Tables) -> list[Sheet]:
    more = words().outcome[asked.outcome].good == "more"
    every = [one for first in found.comparisons for one in (first, *first.also)]
    return forest.published(every, tables, "published", more_is_better=more)


def _compared(asked: Question, tables: Tables) -> dict[str, Any]:
    found = compared(asked)
    rows, none = comparisons(found.answer, tables)
    return {
        "rows": rows,
        "none": unconnected(none),
        "none_count": len(none),
        "course": over_time.table(courses(known(), asked), tables, _behind),
        "published": [picture(sheet) for sheet in _published(found.answer, asked, tables)],
        "networks": networks(found.networks, asked, tables),
        "left": [
            (
                named(tables, one.study),
                msgspec.structs.replace(one, reason=readable(one.reason, tables)),
                study_url(one.study),
            )
            for one in found.answer.left
            if one.study in tables.study
        ],
        "elsewhere": [(named(tables, study), at) for study, at in found.answer.elsewhere],
    }
