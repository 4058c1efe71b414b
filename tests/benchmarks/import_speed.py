"""How quick an import is, beside `json.loads` alone on the same bytes.

    .venv/bin/python -m tests.benchmarks.import_speed

Reads the Synthea sample bundles: every resource checked, understood, hashed, projected and durable. Times are CPU
seconds of this process; the ratios say more than the seconds.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from tests.exchange.making import bundle, file, patient, weight
from tests.exchange.report import SAMPLES


def measure() -> dict[str, float]:
    """Resources a second, first and second time, and how many times `json.loads` that costs. Needs a fresh record."""
    from lowtide.exchange.fhir.reader import File, read
    from lowtide.exchange.imports import import_files

    files = [File(p.name, p.read_bytes()) for p in sorted((SAMPLES / "synthea-r4-bundles").glob("*.json"))]
    count = sum(len(read(file)) for file in files)
    loads = min(_seconds(lambda: [json.loads(f.data) for f in files]) for _ in range(3))
    checked = min(_seconds(lambda: [read(f) for f in files]) for _ in range(3))
    import_files([file(bundle(patient(), weight(70, "kg")))])  # data tables are read once a process
    first = _seconds(lambda: import_files(files))
    again = _seconds(lambda: import_files(files))
    return {
        "resources": count,
        "megabytes": sum(len(f.data) for f in files) / 1e6,
        "json_loads_per_s": count / loads,
        "read_and_checked_per_s": count / checked,
        "imported_per_s": count / first,
        "imported_again_per_s": count / again,
        "import_over_json_loads": first / loads,
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as home:
        os.environ["LOWTIDE_HOME"] = home
        os.environ.pop("LOWTIDE_DATABASE_URL", None)
        from lowtide.site.setup import ready

        ready()
        for name, value in measure().items():
            print(f"{name:<26}{value:>12,.1f}")


if __name__ == "__main__":
    main()
