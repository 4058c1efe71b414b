"""Public networks analysed again: what others' programs printed beside what the engine makes of the same data.

The datasets are not carried here (their files are under the GPL); what was compared is recorded in recorded.json, with
the fingerprint of the data. Whoever has the files can compare again:

LOWTIDE_NMA_DATA=folder .venv/bin/python -m tests.science.evidence.public
"""

import csv
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data import evidence_checks
from lowtide.data.evidence import Reference
from lowtide.science import evidence
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.components import components
from lowtide.science.evidence.reading import read
from lowtide.site.networks import additive, document

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.json"
ENGINE = Path(evidence.__path__[0])
VARIABLE = "LOWTIDE_NMA_DATA"
MEASUREMENT = re.compile(r'<measurement responders="(\d+)" sample="(\d+)" treatment="([^"]+)"')
STUDY = re.compile(r'<study id="([^"]+)">(.*?)</study>', re.DOTALL)


class Dataset(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """One public dataset: its file, how it becomes rows, and what was printed of it beside nma_reference.csv."""

    key: str
    file: str
    form: str
    names: tuple[str, ...]
    measure: str
    tau: str
    reference: str
    from_: str
    printed: dict[str, str]
    events: str = ""
    parts: bool = False
    p_scores: dict[str, str] = {}
    effects: dict[str, tuple[str, str, str, str]] = {}


@cache
def datasets() -> tuple[Dataset, ...]:
    text = (HERE / "public.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["dataset"], tuple[Dataset, ...])


@cache
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def references(one: Dataset) -> tuple[Reference, ...]:
    """The rows of nma_reference.csv that the dataset answers."""
    return tuple(row for row in evidence_checks.tables().nma_reference if row.dataset in one.names)


def folder() -> Path | None:
    given = os.environ.get(VARIABLE)
    return Path(given) if given else None


def table(one: Dataset, text: str) -> str:
    """The dataset in the form of `lowtide nma`."""
    lines = {"wide": _wide, "arms": _arms, "means": _means, "gemtc": _gemtc}[one.form](one, text)
    heading = "study,treatment,mean,sd,n" if one.form == "means" else "study,treatment,events,n"
    return "\n".join([heading, *lines]) + "\n"


def _wide(one: Dataset, text: str) -> Iterator[str]:
    for row in csv.DictReader(StringIO(text)):
        for arm in "123":
            if row[f"treatment{arm}"] and row[f"{one.events}{arm}"] != "NA":
                yield f"{row['id']},{row[f'treatment{arm}']},{row[f'{one.events}{arm}']},{row[f'n{arm}']}"


def _arms(one: Dataset, text: str) -> Iterator[str]:
    for row in csv.DictReader(StringIO(text)):
        yield f"{row['id']},{row['int']},{row['resp']},{row['n']}"


def _means(one: Dataset, text: str) -> Iterator[str]:
    for row in csv.DictReader(StringIO(text)):
        yield f"{row['study']},{row['treatment']},{row['mi']},{row['sdi']},{row['ni']}"


def _gemtc(one: Dataset, text: str) -> Iterator[str]:
    for study, inner in STUDY.findall(text):
        for events, n, treatment in MEASUREMENT.findall(inner):
            yield f"{study},{treatment},{events},{n}"


def fingerprint(rows: str) -> str:
    return hashlib.sha256("\n".join(sorted(rows.splitlines())).encode()).hexdigest()


def engine() -> str:
    """A fingerprint of the code that analyses networks."""
    names = (
        "agreement",
        "analysis",
        "completing",
        "components",
        "effects",
        "network",
        "reading",
        "spread",
        "table",
    )
    return hashlib.sha256(b"".join((ENGINE / f"{name}.py").read_bytes() for name in names)).hexdigest()[:12]


def computed(one: Dataset, where: Path) -> dict[str, Any]:
    """What the engine makes of the file in the folder."""
    rows = table(one, (where / one.file).read_text(encoding="utf-8"))
    found = analyse(
        read(rows, one.measure, one.file),
        one.measure,
        method="REML" if one.tau == "REML" else "DL",
        reference=one.reference,
    )
    told = document(found)
    q = told["q"]
    numbers = {"studies": told["studies"], "tau2": told["tau2"], "i2": told["i2"], "q": q["total"]}
    numbers |= {name: q[name] for name in ("df", "p", "df_within", "p_within", "df_between", "p_between")}
    numbers |= {"q_within": q["within"], "q_between": q["between"]}
    answered = {
        "rows": len(rows.splitlines()) - 1,
        "fingerprint": fingerprint(rows),
        "effects": {
            e["treatment"]: [_digits(e[k]) for k in ("estimate", "se", "lower", "upper")]
            for e in told["effects"]
            if e["versus"] == found.reference
        },
        "p_scores": {name: _digits(score) for name, score in told["p_scores"].items()},
    }
    if one.parts:
        parts = additive(components(found.main.found.network, inactive=one.reference), ratio=False)
        answered["parts"] = {
            p["part"]: [_digits(p[k]) for k in ("estimate", "se", "lower", "upper")] for p in parts["parts"]
        }
        numbers |= {"parts_tau2": parts["tau2"], "parts_q": parts["q"], "parts_df": parts["df"]}
        numbers |= {f"parts_{n}": parts[f"{n}_network"] for n in ("q_beyond", "df_beyond", "p_beyond")}
        numbers["parts_beyond"] = numbers.pop("parts_q_beyond")
    return answered | {"numbers": {name: _digits(value) for name, value in numbers.items()}}


def _digits(value: float) -> float:
    return float(f"{value:.7g}")


def main() -> None:
    where = folder()
    if where is None:
        raise SystemExit(
            f"{VARIABLE}: name the folder that holds {', '.join(sorted({d.file for d in datasets()}))}"
        )
    found = {one.key: computed(one, where) for one in datasets()}
    about = {"on": datetime.now(UTC).date().isoformat(), "engine": engine()}
    RECORDED.write_text(json.dumps(about | {"datasets": found}, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} datasets compared; written to {RECORDED.name}")


if __name__ == "__main__":
    main()
