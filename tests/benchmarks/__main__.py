"""`make bench`: every budget that exists by now, measured in one run and told beside its limit.

.venv/bin/python -m tests.benchmarks
.venv/bin/python -m tests.benchmarks --smoke --json bench.json
.venv/bin/python -m tests.benchmarks --only record,pages

Each part runs in a process and on a demonstration clinic of its own. CPU times travel between computers of one kind,
ratios between all; wall times hold for a quiet computer. A budget that is missed is marked, and the exit code says
nothing of it: a busy computer is not a fault. `--smoke` measures less of everything, to see that it works.
"""

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.figures import Figure, machine, table

PARTS = {
    "record": "The record",
    "pages": "Pages and documents",
    "live": "The server",
    "chairs": "A full house for some minutes",
    "devices": "The listener for devices",
    "evaluate": "Candidacy",
    "everybody": "Everybody again after a policy change",
    "due": "The due list of 5,000 charts",
    "import": "Import of the Synthea samples",
    "forecast": "Forecasts and virtual trials",
    "evidence": "Networks of trials",
}
MODULES = {"pages": "page_speed", "chairs": "chairs_load", "devices": "devices_load"}
OWN_CLINIC = frozenset({"chairs", "devices"})  # these fill a house of their own


def main() -> int:
    args = _arguments()
    if args.part:
        options = {"minutes": args.minutes} if args.part in OWN_CLINIC else {}
        for figure in _measured(args.part, Path(os.environ["LOWTIDE_HOME"]), smoke=args.smoke, **options):
            print(msgspec.json.encode(figure).decode(), flush=True)
        return 0
    parts = args.only.split(",") if args.only else list(PARTS)
    more = ["--smoke"] if args.smoke else []
    more += ["--minutes", str(args.minutes)] if args.minutes else []
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as folder:
        about = machine(Path(folder))
        print("  ".join(f"{name} {value}" for name, value in about.items()), flush=True)
        clinic = Path(folder) / "clinic" if OWN_CLINIC.issuperset(parts) else _clinic(Path(folder))
        found = {part: list(_told(part, clinic, more)) for part in parts}
    if args.json:
        document = {"machine": about, "smoke": args.smoke, "parts": msgspec.to_builtins(found)}
        Path(args.json).write_text(json.dumps(document, indent=1) + "\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--smoke", action="store_true", help="measure little of everything, in less than a minute"
    )
    parser.add_argument("--minutes", type=float, help="how long the full house is kept up (10)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--only", help=f"some of {', '.join(PARTS)}, between commas")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _clinic(folder: Path) -> Path:
    """A demonstration clinic, made once; every part gets a copy."""
    home = folder / "clinic"
    command = [sys.executable, "-m", "lowtide.site.cli", "demo", "--only-make"]
    home.mkdir()
    subprocess.run(command, env=_environment(home), check=True, stderr=subprocess.DEVNULL)
    return home


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOWTIDE_", "DJANGO_"))}
    return kept | {"LOWTIDE_HOME": str(home), "LOWTIDE_LOG": "ERROR"}


def _told(part: str, clinic: Path, more: list[str]) -> Iterator[Figure]:
    """The part's figures, printed as they come."""
    home = clinic.parent / part
    if part in OWN_CLINIC:
        home.mkdir()
    else:
        shutil.copytree(clinic, home)
    command = [sys.executable, "-m", "tests.benchmarks", "--part", part, *more]
    out = subprocess.run(
        command, env=_environment(home), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    figures = [msgspec.json.decode(line, type=Figure) for line in out.splitlines()]
    print(f"\n{PARTS[part]}", *table(figures), sep="\n", flush=True)
    yield from figures


def _measured(part: str, home: Path, *, smoke: bool, **options: Any) -> Iterator[Figure]:
    """By the part's own module alone: some bring the tests' settings along, which name another home."""
    from lowtide.site.setup import ready

    ready()
    module = importlib.import_module(f"tests.benchmarks.{MODULES.get(part, f'{part}_speed')}")
    figures: Iterator[Figure] = module.figures(home, smoke=smoke, **options)
    return figures


if __name__ == "__main__":
    sys.exit(main())
