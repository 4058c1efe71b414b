"""Small tables of trials for tests: a study a line, an arm a line, as somebody would write them."""

import csv
import io
from typing import Any

from lowtide.data.evidence import ROWS, shipped
from lowtide.data.evidence_cells import columns
from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.compare import Answer, Comparison, Known, compare
from lowtide.science.evidence.selection import Question

ONE, SALINE, MIDAZOLAM = "ketamine_iv_single", "saline", "midazolam"
SOURCE = "https://example.org/paper"


def table(name: str, rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(name))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Trials:
    """`add` a study with its arms; `known` is what answers rest on. Everything else but the nodes is empty."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ROWS if name != "nodes"}

    def add(
        self,
        study: str,
        arms: dict[str, tuple[int, int]],
        *,
        condition: str = "TRD",
        design: str = "RCT parallel",
        metric: str = "response",
        day: float = 1,
        verified: str = "yes",
        family: str | None = None,
        registry: str = "",
        domain: str = "depression",
    ) -> "Trials":
        """`arms`: node -> (events, people)."""
        own = {"study_id": study, "verified": verified, "source_url": SOURCE if verified == "yes" else ""}
        self.rows["studies"].append(
            own
            | {
                "family_id": family or study,
                "citation": f"{study} 2020",
                "year": "2020",
                "ids_verified": "no",
            }
            | {"condition": condition, "design": design, "blinding": "double-blind; active placebo"}
            | {"registry_id": registry, "n_randomised_or_enrolled": 999, "n_analysed": 999}
        )
        for place, (node, (events, n)) in enumerate(arms.items()):
            arm = own | {"arm_id": f"A{place}", "arm_label": node, "nma_node": node, "n_arm": n}
            self.rows["arms"].append(arm)
            self.rows["outcomes"].append(
                own
                | {"arm_id": f"A{place}", "outcome_domain": domain, "instrument": "MADRS", "metric": metric}
                | {"timepoint_label": "then", "time_days": day, "n_analysed": n, "events": events}
            )
        return self

    def row(self, name: str, **cells: Any) -> "Trials":
        self.rows[name].append({"verified": "yes", "source_url": SOURCE} | cells)
        return self

    def known(self) -> Known:
        texts = {name: table(name, rows) for name, rows in self.rows.items()}
        found = tables({**texts, "nodes": shipped()["nodes"]})
        return Known(found, words(), certainty(), (), found.digest)

    def answer(self, outcome: str = "response", at: str | None = "24h", **more: Any) -> Answer:
        versus = more.pop("versus", None)
        indication = more.pop("indication", "trd")
        return compare(self.known(), Question(indication, outcome, at, **more), versus)

    def between(self, treatment: str, versus: str, **more: Any) -> Comparison:
        found = self.answer(versus=versus, **more).comparisons
        return next(one for one in found if one.treatment == treatment)
