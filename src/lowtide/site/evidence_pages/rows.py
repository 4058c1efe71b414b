"""The rows of one study or review as its page shows them: every number with where it was seen; recalled ones on request."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lowtide.data.evidence import AdverseEvent, Arm, Durability, Figure, Line, Outcome, Pooled, Tables
from lowtide.site.evidence_pages.analysed import label


class Row(msgspec.Struct, frozen=True):
    """`anchor` is where a link to this row leads; `cells` go under the heads of its block."""

    anchor: str
    cells: tuple[str, ...]
    verified: bool
    source_url: str | None
    notes: str


class Block(msgspec.Struct, frozen=True):
    """`hidden` rows are recalled and were not asked for."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    hidden: int


def blocks(tables: Tables, study: str, *, unverified: bool) -> list[Block]:
    made = (
        _block(
            "Arms",
            ("Arm", "Treatment in comparisons", "Dose and schedule", "With", "People"),
            "arms",
            tables.arms,
            _arm,
        ),
        _block(
            "Outcomes",
            ("Arm", "Outcome", "When", "Figures", "Defined as"),
            "outcomes",
            tables.outcomes,
            _outcome,
        ),
        _block(
            "How long it lasted",
            ("Arm", "Of", "What", "When", "Figures"),
            "durability",
            tables.durability,
            _durability,
        ),
        _block(
            "Side effects",
            ("Arm", "Event", "Period", "Figures", "Course"),
            "adverse_events",
            tables.adverse_events,
            _adverse,
        ),
    )
    return [b for make in made if (b := make(tables, study, unverified)).rows or b.hidden]


def _block(title: str, head: tuple[str, ...], name: str, rows: Iterable[Any], tell: Any) -> Any:
    def make(tables: Tables, study: str, unverified: bool) -> Block:
        its = [row for row in rows if row.study_id == study]
        shown = tuple(_row(name, row, tell(row, tables)) for row in its if row.verified or unverified)
        return Block(title, head, shown, len(its) - len(shown))

    return make


def _row(name: str, row: Line, cells: tuple[str, ...]) -> Row:
    return Row(anchor(name, row.line), cells, row.verified, row.source_url, row.notes or "")


def anchor(table: str, line: int) -> str:
    return f"{table}-{line}"


def _arm(row: Arm, tables: Tables) -> tuple[str, ...]:
    dose = f"{row.dose_value.text} {row.dose_unit or ''}".strip() if row.dose_value else ""
    over = f"over {row.infusion_minutes.normalize():f} min" if row.infusion_minutes else ""
    given = ", ".join(part for part in (dose, over, row.schedule or "") if part)
    people = str(row.n_arm) if row.n_arm is not None else "not known"
    return (row.arm_label, label(tables, row.nma_node), given, row.concomitant or "", people)


def arm_name(tables: Tables, study: str, arm: str) -> str:
    group = tables.group.get((study, arm))
    arms = tables.arms_of(study, arm)
    return group.label if group else " + ".join(a.arm_label for a in arms) or arm


def _outcome(row: Outcome, tables: Tables) -> tuple[str, ...]:
    arm = arm_name(tables, row.study_id, row.arm_id)
    if row.comparator_arm_id:
        arm += f" against {arm_name(tables, row.study_id, row.comparator_arm_id)}"
    what = f"{row.outcome_domain}, {row.instrument}: {row.metric.replace('_', ' ')}"
    return (arm, what, row.timepoint_label, "; ".join(_figures(row)), row.definition or "")


def _figures(row: Outcome) -> Iterator[str]:
    people = f" of {row.n_analysed}" if row.n_analysed is not None else ""
    if row.events is not None:
        yield f"{row.events}{people}"
    if row.percent is not None:
        yield f"{row.percent} %{people if row.events is None else ''}"
    if row.mean is not None:
        spread = f" (SD {row.sd})" if row.sd is not None else f" (SE {row.se})" if row.se is not None else ""
        limits = f", {row.ci_low} to {row.ci_high}" if row.ci_low is not None else ""
        yield f"{row.mean.text}{spread}{limits}{f', {row.n_analysed} people' if row.n_analysed else ''}"
    if row.effect is not None:
        limits = f" ({row.effect_ci_low} to {row.effect_ci_high})" if row.effect_ci_low is not None else ""
        yield f"{row.effect_type or ''} {row.effect.text}{limits}".strip()
    if row.p_value:
        yield f"p {row.p_value}"


def _durability(row: Durability, tables: Tables) -> tuple[str, ...]:
    when = f"{row.time_days.normalize():f} days" if row.time_days is not None else row.definition or ""
    counts = f" ({row.n_events} of {row.n_at_risk})" if row.n_events is not None else ""
    limits = f" ({row.ci_low} to {_text(row.ci_high)})" if row.ci_low is not None else ""
    unit = "" if row.unit == "text" else f" {row.unit}"
    figures = f"{row.value.text}{unit}{counts}{limits}"
    return (
        arm_name(tables, row.study_id, row.arm_id),
        row.population_at_risk,
        row.metric.replace("_", " "),
        when,
        figures,
    )


def _text(value: Figure | None) -> str:
    return value.text if value else "not said"


def _adverse(row: AdverseEvent, tables: Tables) -> tuple[str, ...]:
    people = f" of {row.n_at_risk}" if row.n_at_risk is not None else ""
    events = f"{row.n_events}{people}" if row.n_events is not None else ""
    share = f"{row.percent} %{people if not events else ''}" if row.percent is not None else ""
    figures = "; ".join(part for part in (events, share) if part) or "no figures"
    return (
        arm_name(tables, row.study_id, row.arm_id),
        row.event,
        row.period,
        figures,
        row.time_course or row.severity or "",
    )


def review(row: Pooled) -> list[tuple[str, str]]:
    """A published pooled result as words and figures."""
    limits = f" ({row.ci_low} to {row.ci_high})" if row.ci_low is not None else ""
    said = [
        ("Question", row.question or ""),
        ("Compared", row.comparison),
        ("Outcome", f"{row.outcome}{f', {row.timepoint}' if row.timepoint else ''}"),
        ("Result", f"{row.effect_type} {row.effect.text}{limits}"),
        ("Trials", str(row.k_trials) if row.k_trials else "not said"),
        ("People", row.n_participants.text if row.n_participants else "not said"),
        ("Certainty, as its authors rated it", row.certainty or "not rated"),
        ("Heterogeneity", row.heterogeneity or "not said"),
        ("Remarks", row.notes or ""),
    ]
    return [(word, text) for word, text in said if text]
