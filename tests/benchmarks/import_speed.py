"""How quick an import is, beside `json.loads` alone on the same bytes.

Reads the Synthea sample bundles: every resource checked, understood, hashed, projected and durable.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from lowtide.exchange.fhir.reader import File, read
from lowtide.exchange.imports import import_files
from tests.benchmarks.figures import Figure, cpu_s
from tests.exchange.making import bundle, file, patient, weight
from tests.exchange.report import SAMPLES

SMALL = 2


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """Resources a CPU second, first and second time, and how many times `json.loads` that costs."""
    bundles = sorted((SAMPLES / "synthea-r4-bundles").glob("*.json"), key=lambda p: p.stat().st_size)
    files = [File(p.name, p.read_bytes()) for p in (bundles[:SMALL] if smoke else bundles)]
    count = sum(len(read(one)) for one in files)
    loads = min(cpu_s(lambda: [json.loads(f.data) for f in files]) for _ in range(3))
    checked = min(cpu_s(lambda: [read(f) for f in files]) for _ in range(3))
    import_files([file(bundle(patient(), weight(70, "kg")))])  # data tables are read once a process
    first = cpu_s(lambda: import_files(files))
    again = cpu_s(lambda: import_files(files))
    megabytes = sum(len(f.data) for f in files) / 1e6
    yield Figure("json.loads alone", count / loads, "/s", note=f"{count:,} resources, {megabytes:.1f} MB")
    yield Figure("read and checked", count / checked, "/s")
    yield Figure("imported: understood, hashed, projected, durable", count / first, "/s")
    yield Figure("imported again, nothing changes", count / again, "/s")
    yield Figure("import over json.loads alone", first / loads, "x")
    yield Figure("of which reading and checking", checked / loads, "x")
