"""What became of each test that carries a hazard's mark, kept as a small table that the hazard log prints.

`--hazard-results FILE` writes it: one row a test and engine, with the day of the run. A run of some tests renews their
rows and leaves the others, so that SQLite, PostgreSQL and the browser can each say their part.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.settings import POSTGRES

FILE = Path(__file__).parents[1] / "src" / "lowtide" / "data" / "hazard_results.csv"
WORST = ("failed", "passed", "skipped")


class Result(msgspec.Struct, frozen=True, order=True):
    """The last word on one test on one engine."""

    test: str
    engine: str
    result: str
    on: str
    hazards: str = ""


def results(file: Path = FILE) -> list[Result]:
    """The kept results, in order."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as rows:
        return sorted(Result(**row) for row in csv.DictReader(rows))


def keep(file: Path, found: Iterable[Result]) -> None:
    """Write the results, each in the place of the one before it."""
    kept = {(r.test, r.engine): r for r in (*results(file), *found)}
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(Result.__struct_fields__)
        table.writerows(msgspec.structs.astuple(r) for r in sorted(kept.values()))


def tell(items: Iterable[pytest.Item]) -> None:
    """Let each report say that its test carries a hazard's mark, also from another process."""
    for item in items:
        if shown := sorted({mark.args[0] for mark in item.iter_markers("hazard")}):
            item.user_properties.append(("hazard", " ".join(shown)))


class Collector:
    """Hears every report of a run and writes the table at its end. A test with several cases is as good as its worst."""

    def __init__(self, file: Path) -> None:
        self.file, self.heard, self.shown = file, dict[str, set[str]](), dict[str, set[str]]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if shown := dict(report.user_properties).get("hazard"):
            test = report.nodeid.partition("[")[0]
            self.shown.setdefault(test, set()).update(str(shown).split())
            outcomes = self.heard.setdefault(test, set())
            if report.when == "call" or report.outcome != "passed":
                outcomes.add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        today = datetime.now(UTC).date().isoformat()
        ended = ((t, outcomes) for t, outcomes in self.heard.items() if outcomes)
        keep(
            self.file,
            (Result(t, _engine(t), _worst(o), today, " ".join(sorted(self.shown[t]))) for t, o in ended),
        )


def _worst(outcomes: set[str]) -> str:
    return next(word for word in WORST if word in outcomes)


def _engine(test: str) -> str:
    if test.startswith("tests/browser/"):
        return "Chromium"
    return "PostgreSQL" if POSTGRES else "SQLite"
