"""`docs/evidence.md`: the table of trials and the answers that it gives, printed; rows that were read only."""

from collections.abc import Iterable, Iterator

from lowtide.data import claims, events, named_answers
from lowtide.data.evidence import Figure, Line
from lowtide.data.evidence_pages import pages
from lowtide.pathway.course.trial_answers import half_times, standing
from lowtide.science.evidence import fading, named, printing, rated
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.bias import risk
from lowtide.science.evidence.compare import Known
from lowtide.science.evidence.judged import Judged, judge
from lowtide.science.evidence.on_whom import of_all
from lowtide.science.evidence.printing import answered
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.shares import of_100
from lowtide.science.evidence.telling import label
from lowtide.site.evidence import known
from lowtide.site.evidence_pages.page import answer_told
from lowtide.site.evidence_rows import missing, unanswered
from tests.repository.markdown import table

HEAD = """\
# Evidence: the table of trials and what it answers

Made by `make docs` from `src/lowtide/data/evidence`; do not edit. `lowtide evidence` and `lowtide compare` answer the same.
[Which answers moved, and why](evidence-changes.md).

Every number here was seen in the source that its row names. {recalled} rows are recalled: they are left out here, and
`--unverified` shows them, marked. Risk of bias and certainty are judged by rules and rows of this project, unapproved by
anybody. Where no trial connects two treatments there is no line: no number is made of nothing. Effects are odds ratios (OR),
hazard ratios (HR) or differences (MD; SMD, Hedges' g where it was worked out here; below 0 favours the first treatment), with
95 % intervals; of few trials Hartung and Knapp's wider limits beside. Of 100: people with the outcome under the first treatment, and under the second.
"""
SHOWN = {
    "outcomes": ("study_id", "arm_id", "instrument", "metric", "timepoint_label", "n_analysed", "mean", "sd", "events", "percent",
                 "comparator_arm_id", "effect_type", "effect", "effect_ci_low", "effect_ci_high"),
    "adverse_events": ("study_id", "arm_id", "event", "period", "n_at_risk", "n_events", "percent", "severity"),
    "durability": ("study_id", "arm_id", "population_at_risk", "metric", "time_days", "value", "unit", "n_at_risk", "n_events"),
    "arms": ("study_id", "arm_id", "arm_label", "nma_node", "route", "schedule", "n_arm"),
    "pooled": ("pooled_id", "comparison", "outcome", "timepoint", "k_trials", "effect_type", "effect", "ci_low", "ci_high", "certainty"),
    "conversions": ("from_instrument", "from_value", "to_instrument", "to_value", "kind", "error"),
}  # fmt: skip


def page() -> Iterator[str]:
    its = known()
    rows = (r for name in ("studies", *SHOWN) for r in getattr(its.tables, name))
    yield from HEAD.format(recalled=sum(not r.verified for r in rows)).splitlines()
    yield ""
    yield from _answers(its)
    yield from _claims(its)
    yield from _fading(its)
    yield from _usual(its)
    yield "## What no row answers"
    yield ""
    yield from (f"- {line}" for line in missing(its, unanswered(its, its.words.indication)))
    yield ""
    yield from _studies(its)
    for name in SHOWN:
        yield f"## Rows: {name.replace('_', ' ')}"
        yield ""
        yield from table(
            [*(column.replace("_", " ") for column in SHOWN[name]), "source"],
            (_row(row, SHOWN[name]) for row in getattr(its.tables, name) if row.verified),
        )


def _claims(its: Known) -> Iterator[str]:
    found = rated.answers(its, events.rates_by_key(), named_answers.named())
    judged = [judge(claim, found) for claim in claims.claims().values()]
    yield "## What people say, judged"
    yield ""
    yield "The first line of conditions that holds gives the verdict; where an answer is missing it stays open."
    yield ""
    head = ("claim", "verdict", "by", "why", "last checked")
    yield from table(head, (_claim(one) for one in judged))
    yield "## Answers by name"
    yield ""
    yield "What claims and the pages for patients rest on. Of 100: people with it under the treatment, and beside it."
    yield ""
    head = ("name", "of", "against", "on", "answer", "certainty", "trials")
    told = printing.now(its).named
    yield from table(head, (_named(one, printing.told(told[name])) for name, one in found.items()))


def _fading(its: Known) -> Iterator[str]:
    yield "## How long it lasts: half-times"
    yield ""
    yield "The days after which half of the people who had been well no longer were: a median as printed, else worked out from the"
    yield "longest printed share as if the losses were steady. Shape (Weibull, from several times): 1 is steady, below 1 most was lost"
    yield "early. Groups, definitions and what was given meanwhile differ: nothing is pooled."
    yield ""
    head = ("study", "whom", "meanwhile", "half-time", "from", "shape", "certainty", "why")
    lines = (
        (*line, one.certainty.replace("_", " "), one.why)
        for one in half_times(its.tables)
        for line in fading.told([one.faded])
    )
    yield from table(head, lines)


def _claim(one: Judged) -> tuple[object, ...]:
    by = "; ".join(f"{c.text} ({'unknown' if c.value is None else f'{c.value:g}'})" for c in one.by)
    looked = claims.looked().get(one.claim.id)
    return (one.claim.says, claims.WORDS[one.verdict], by, " ".join(one.why), looked.day if looked else "")


def _named(one: named.Answer, told: str) -> tuple[object, ...]:
    figures = told.rpartition("certainty")[0].rstrip(", ") or one.words
    trials = ", ".join(one.studies) or (one.trials if one.trials is not None else "")
    return (
        one.name,
        f"{one.said.treated}: {one.said.about}",
        one.said.against,
        one.on.said,
        figures,
        one.certainty.replace("_", " "),
        trials,
    )


def _answers(its: Known) -> Iterator[str]:
    last = None
    lines: list[list[str]] = []
    for answer, found in answered(its):
        asked = answer.question
        if last is not None and asked.indication != last:
            yield from _of_indication(its, last, lines)
            lines = []
        last = asked.indication
        lines += [_line(its, asked, one) for one in found]
    if last is not None:
        yield from _of_indication(its, last, lines)


def _of_indication(its: Known, indication: str, lines: Iterable[list[str]]) -> Iterator[str]:
    yield f"## Answers: {its.words.indication[indication].label}"
    yield ""
    head = [
        "outcome",
        "at",
        "treatment",
        "against",
        "effect",
        "of 100",
        "certainty",
        "from",
        "on",
        "kept apart",
    ]
    yield from table(head, lines)


def _usual(its: Known) -> Iterator[str]:
    """Answers on usual treatments, as the clinicians' pages show them beside."""
    yield "## Usual treatments, beside"
    yield ""
    yield "Other trials on other people: in no network with the answers above."
    yield ""
    now = standing(its.tables)
    rows = []
    for page in pages().values():
        for answer in (now.answers[name] for name in page.usual if name in now.answers):
            row = answer_told(answer)
            told = (
                row["about"],
                row["treated"],
                row["against"] or "no control",
                row["shares"],
                row["effect"],
            )
            rows.append((its.words.indication[page.id].label, *told, row["certainty"], row["because"]))
    head = ["for", "what", "treatment", "against", "of 100", "effect", "certainty", "why"]
    yield from table(head, rows)


def _line(its: Known, asked: Question, one: Comparison) -> list[str]:
    shares = f"{of_100(one.absolute.per_100)} against {of_100(one.absolute.baseline)}" if one.absolute else ""
    few = f"; for few trials {one.knapp[0]:.2f} to {one.knapp[1]:.2f}" if one.knapp else ""
    return [
        asked.outcome,
        asked.at or ", ".join(one.at),
        label(its.tables, one.treatment),
        label(its.tables, one.versus),
        f"{one.measure} {one.effect:.2f} ({one.lower:.2f} to {one.upper:.2f}){few}",
        shares,
        one.certainty.level if one.certainty else "",
        f"{', '.join(one.studies)} ({one.evidence})",
        of_all(its.tables, its.words, one.studies).said,
        one.group,
    ]


def _studies(its: Known) -> Iterator[str]:
    yield "## Studies"
    yield ""
    head = ["study", "citation", "condition", "design", "people", "risk of bias", "why", "source"]
    rows = []
    for study in its.tables.studies:
        found = risk(study, its.tables.bias, its.certainty)
        if study.verified:
            people = study.n_analysed or "unknown"
            own = (study.study_id, study.citation, study.condition, study.design, people)
            rows.append((*own, found.overall, found.why, f"[seen]({study.source_url})"))
    yield from table(head, rows)


def _row(row: Line, columns: Iterable[str]) -> list[object]:
    values = (getattr(row, column) for column in columns)
    shown = ["" if v is None else v.text if isinstance(v, Figure) else v for v in values]
    return [*shown, f"[seen]({row.source_url})"]
