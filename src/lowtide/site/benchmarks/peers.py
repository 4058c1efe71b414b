"""Other people's solvers on job A, each in a process of its own, beside ours in the same run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lowtide.problems import bad

SCRIPT = Path(__file__).with_name("peer_job.py")
NAMES = ("scipy solve_ivp LSODA", "scipy odeint", "numbalsoda", "libroadrunner", "diffrax Tsit5")
INSTALLED = Path(".tools/peers/bin/python")
AT_MOST_S = 300
CAVEAT = "a closed form against a general solver: the ratio says what knowing the system is worth, not who codes better"
DESOLVE = Path(__file__).with_name("desolve.R")


def interpreter(given: Path | None) -> Path:
    """Who has the peers: as asked for, else what `make bench-peers` installed, else this one (scipy alone)."""
    if given is not None and not given.exists():
        raise bad("there is no such interpreter", str(given), "Run make bench-peers, or leave --peers out.")
    return given or (INSTALLED if INSTALLED.exists() else Path(sys.executable))


def measured(python: Path, ours_per_cpu_s: float) -> Iterator[dict[str, Any]]:
    """Each peer with its rate and how many times ours it is, or why it was skipped."""
    for name in NAMES:
        yield _beside(_run(name, [str(python), str(SCRIPT), name]), ours_per_cpu_s)
    r = shutil.which("Rscript")
    if r is None:
        yield {"peer": "deSolve", "skipped": "R is not installed (Debian: r-cran-desolve)"}
    else:
        yield _beside(_run("deSolve", [r, "--vanilla", str(DESOLVE)]), ours_per_cpu_s)
    yield {
        "peer": "mrgsolve",
        "skipped": "not present (it is built from source), and this run does not drive it",
    }


def _beside(found: dict[str, Any], ours_per_cpu_s: float) -> dict[str, Any]:
    if "patients_per_cpu_s" in found:
        found |= {"ratio": ours_per_cpu_s / found["patients_per_cpu_s"], "caveat": CAVEAT}
    return found


def _run(name: str, command: list[str]) -> dict[str, Any]:
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    }
    try:
        run = subprocess.run(  # noqa: S603  # our own script, the interpreter the operator named
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=AT_MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"peer": name, "skipped": f"took more than {AT_MOST_S} s"}
    if run.returncode or not run.stdout.strip():
        return {"peer": name, "skipped": (run.stderr.strip().splitlines() or ["no answer"])[-1]}
    answered: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    return answered
