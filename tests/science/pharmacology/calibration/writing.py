"""Fits, and puts what was fitted where it is read: ensemble.npz here; worlds.csv, the typical values of response.toml and
calibration.toml in the product.

.venv/bin/python -m tests.science.pharmacology.calibration.writing
"""

import csv
import re
from pathlib import Path

import numpy as np

import lowtide.data
from lowtide.data.pharmacology import response
from tests.science.pharmacology.calibration import scoring
from tests.science.pharmacology.calibration.fit import Fitted, drawn, fitted, keep, kept, prior
from tests.science.pharmacology.calibration.table import families

FOLDER = Path(lowtide.data.__file__).parent / "pharmacology"
WORLDS = 300
BETWEEN = {"mood.emax": "drug", "expectancy.size": "expectancy", "background": "background"}


def worlds(found: Fitted) -> None:
    """Equally likely worlds, four digits each."""
    chosen = found.resampled(WORLDS)
    with (FOLDER / "worlds.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(chosen.columns)
        rows.writerows(
            zip(*([f"{v:.4g}" for v in column] for column in chosen.columns.values()), strict=True)
        )


def typical(found: Fitted) -> None:
    """The middle of each fitted value and how little is known of it, what sets trials apart included."""
    path = FOLDER / "response.toml"
    text = path.read_text(encoding="utf-8")
    w = found.weights()
    for name in prior():
        column = found.worlds.columns[name]
        text = _replaced(text, name, *_middle(found, name, column, w))
    path.write_text(text, encoding="utf-8")


def _middle(found: Fitted, name: str, column: np.ndarray, w: np.ndarray) -> tuple[float, dict[str, float]]:
    logs = bool(prior()[name].log)
    values = np.log(column) if logs else column
    mean = float(w @ values)
    sd = float(np.sqrt(w @ (values - mean) ** 2))
    table = name.split(".")[0]
    if table == "between" or name == "people.spread":
        return float(np.exp(mean)), {}
    own = BETWEEN.get(name) or BETWEEN.get(table)
    if own:
        between = float(w @ found.worlds.columns[f"between.{own}"])
        return mean, {"se": float(np.hypot(sd, between * (mean if own == "drug" else 1.0)))}
    return (float(np.exp(mean)), {"log_se": sd}) if logs else (mean, {"se": sd})


def _replaced(text: str, name: str, value: float, uncertain: dict[str, float]) -> str:
    """The line of one number with its new value; a value that no figure spoke of stays assumed."""
    table, key = name.split(".")
    heading, line = (rf"[background.{key}]", "size") if table == "background" else (rf"[{table}]", key)
    at = text.index(heading)
    found = re.compile(rf"^{line} = \{{.*$", re.M).search(text, at)
    assert found is not None
    new = re.sub(r"value = [-\d.]+", f"value = {value:.3g}", found[0])
    for field, number in uncertain.items():
        new = re.sub(rf"(?<![a-z_]){field} = [\d.]+", f"{field} = {number:.2g}", new)
    if name not in UNSEEN:
        new = re.sub(r'seen = "\w+"', 'seen = "computed"', new)
    return text[: found.start()] + new + text[found.end() :]


UNSEEN = frozenset({"potency.im", "potency.sc", "potency.sl"})
"""No scored arm was given these ways: their numbers are the prior's."""


def calibration() -> None:
    """How well each study was predicted by the others."""
    these = scoring.scored("yes")
    all_ = scoring.total("all", these)
    arms = len({(s.trial.id, name) for s in these for name in s.row.arms})
    path = FOLDER / "calibration.toml"
    text = path.read_text(encoding="utf-8")
    for field, value in {
        "families": len(families("yes")),
        "arms": arms,
        "figures": all_.figures,
        "inside_50": all_.inside_50,
        "inside_90": all_.inside_90,
        "brier": f"{all_.brier:.3f}",
        "crps_points": f"{all_.crps:.2f}",
    }.items():
        text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.M)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    assert response()
    keep(kept(drawn()))
    fitted.cache_clear()
    found = fitted()
    worlds(found)
    typical(found)
    calibration()


if __name__ == "__main__":
    main()
