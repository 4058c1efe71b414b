"""What could go wrong, what was built against it, and how the tests that show it ended last."""

from functools import cache

import msgspec

from lowtide.data import read


class Hazard(msgspec.Struct, frozen=True, kw_only=True):
    """One hazard: estimated before use, its control, what is not built, and its tests' last results.

    `stands` is the fingerprint of all that is estimated and built: an acceptance holds for it alone.
    """

    id: str
    area: str
    hazard: str
    harm: str
    severity: str
    risk_initial: int
    risk_residual: int
    likelihood_residual: str
    built: str
    gap: str
    verified: bool
    stands: str
    passed: int
    failed: int
    tested_on: str


@cache
def hazards() -> tuple[Hazard, ...]:
    controls = {row["hazard_id"]: row for row in read.csv_rows("hazard_controls.csv")}
    return tuple(_hazard(row, controls[row["hazard_id"]]) for row in read.csv_rows("hazards.csv"))


def _hazard(row: dict[str, str], control: dict[str, str]) -> Hazard:
    ends = [r for r in read.csv_rows("hazard_results.csv") if row["hazard_id"] in r["hazards"].split()]
    return Hazard(
        id=row["hazard_id"],
        area=row["area"].replace("_", " "),
        hazard=row["hazard"],
        harm=row["potential_harm"],
        severity=row["severity"],
        risk_initial=int(row["risk_initial"]),
        risk_residual=int(row["risk_residual"]),
        likelihood_residual=row["likelihood_residual"].replace("_", " "),
        built=control["built"],
        gap=control["gap"],
        verified=row["verified"] == "yes",
        stands=read.fingerprint([row, control]),
        passed=sum(r["result"] == "passed" for r in ends),
        failed=sum(r["result"] == "failed" for r in ends),
        tested_on=min((r["on"] for r in ends), default=""),
    )
