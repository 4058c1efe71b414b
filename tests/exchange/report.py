"""What becomes of each official sample file: the table the tests check, and `docs/import-report.md`.

.venv/bin/python -m tests.exchange.report          write the page
.venv/bin/python -m tests.exchange.report --table  write the table of outcomes anew, to be looked at and committed
"""

import csv
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lowtide.exchange.fhir.placement import INBOX
from lowtide.record.entries.clinic import FhirResource
from tests.exchange.making import File, planned

SAMPLES = Path(__file__).parent / "samples"
TABLE = Path(__file__).parent / "outcomes.csv"
ARGUED = Path(__file__).parent / "argued.toml"
DOCS = Path(__file__).parents[2] / "docs"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one file, imported with the other files of its folder into an empty record (the validator's
    cases have nothing to do with each other: each by itself). `path` and `reason` are those of a refusal."""

    file: str
    outcome: str
    understood: int = 0
    kept_only: int = 0
    entries: int = 0
    path: str = ""
    reason: str = ""


APART = "validator-cases"
SAME_PEOPLE = {"us-core-8.0.0": "us-core-6.1.0"}  # the newer examples speak of the older ones' patients


def outcomes() -> Iterator[Outcome]:
    together: dict[str, list[File]] = {}
    for path in sorted(p for p in SAMPLES.rglob("*") if p.suffix in (".json", ".ndjson", ".xml")):
        name, folder = path.relative_to(SAMPLES).as_posix(), path.parent.name
        key = name if folder == APART else SAME_PEOPLE.get(folder, folder)
        together.setdefault(key, []).append(File(name, path.read_bytes()))
    for files in together.values():
        yield from _imported(files)


def _imported(files: list[File]) -> Iterator[Outcome]:
    plan = planned(*files)
    refused = {r.file: r for r in plan.refused}
    counts: dict[str, Counter[str]] = {f.name: Counter() for f in files}
    names = {f"{INBOX}/{d.id}": d.body.name for d in plan.received}
    for draft in (d for g in plan.groups for d in g.drafts if isinstance(d.body, FhirResource)):
        only_kept = bool(draft.body.kept_because) and not draft.body.derived
        counts[names[draft.origin]].update(
            {"kept_only" if only_kept else "understood": 1, "entries": draft.body.derived}
        )
    for name, count in counts.items():
        if name in refused:
            yield Outcome(name, "refused", path=refused[name].path, reason=refused[name].reason)
        else:
            yield Outcome(name, "imported" if count["understood"] else "kept", **count)


def expected() -> dict[str, Outcome]:
    with TABLE.open(newline="", encoding="utf-8") as rows:
        return {row["file"]: msgspec.convert(row, Outcome, strict=False) for row in csv.DictReader(rows)}


def argued() -> dict[str, dict[str, str]]:
    """file -> why it is refused, or why one that looks bad comes in; with what other validators said."""
    return tomllib.loads(ARGUED.read_text(encoding="utf-8"))


def write_table() -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, Outcome.__struct_fields__, lineterminator="\n")
        writer.writeheader()
        writer.writerows(msgspec.structs.asdict(o) for o in outcomes())


def write_page(folder: Path = DOCS) -> None:
    """`docs/import-report.md`, from the table and the arguments."""
    folder.mkdir(exist_ok=True)
    (folder / "import-report.md").write_text("\n".join(page()) + "\n", encoding="utf-8")


def page() -> Iterator[str]:
    rows, reasons = list(expected().values()), argued()
    yield from (HEAD.format(files=len(rows)).splitlines())
    yield "| samples | files | imported | kept and listed | refused | resources understood | kept only | entries |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for folder in sorted({r.file.partition("/")[0] for r in rows}):
        yield _summary(folder, [r for r in rows if r.file.startswith(f"{folder}/")])
    yield from (
        "",
        "## Refused",
        "",
        "| file | where | what Lowtide says | why that is right |",
        "| --- | --- | --- | --- |",
    )
    for row in rows:
        if row.outcome == "refused":
            yield f"| {row.file} | `{row.path}` | {row.reason} | {_argument(reasons[row.file])} |"
    yield from ("", "## Looks bad, comes in", "", "| file | why |", "| --- | --- |")
    yield from (
        f"| {r.file} | {_argument(reasons[r.file])} |"
        for r in rows
        if r.outcome != "refused" and r.file in reasons
    )
    yield from (
        "",
        "## Every file",
        "",
        "| file | outcome | understood | kept only | entries |",
        "| --- | --- | ---: | ---: | ---: |",
    )
    for r in rows:
        yield f"| {r.file} | {r.outcome} | {r.understood} | {r.kept_only} | {r.entries} |"


HEAD = """\
# What becomes of the sample files

Made by `make docs` from `tests/exchange/outcomes.csv`, which the tests hold Lowtide to. Each of the {files} files is
imported with the other files of its folder into an empty record (the validator's cases each by itself). *Imported*: at least one resource was understood. *Kept and listed*: every
resource is kept word for word, and nothing in it has an entry of its own in Lowtide yet. *Refused*: the file was not
taken, with the place and the reason. Where a file comes from and under which licence: `tests/exchange/samples/LICENCES.md`.

"""


def _summary(folder: str, rows: list[Outcome]) -> str:
    kinds = [sum(r.outcome == kind for r in rows) for kind in ("imported", "kept", "refused")]
    sums = [sum(r.understood for r in rows), sum(r.kept_only for r in rows), sum(r.entries for r in rows)]
    return f"| {folder} | {len(rows)} | " + " | ".join(map(str, (*kinds, *sums))) + " |"


def _argument(entry: dict[str, str]) -> str:
    other = f" HL7 Java validator: {entry['java']}" if "java" in entry else ""
    return f"{entry['because']}{other}"


if __name__ == "__main__":
    if "--table" in sys.argv:
        write_table()
    write_page()
