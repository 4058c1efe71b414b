"""A network of 100 studies and 20 treatments analysed whole, and, where R has it, by netmeta beside it."""

import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.reading import read
from lowtide.science.evidence.spread import Method
from lowtide.site.networks import document
from tests.benchmarks.figures import Figure

STUDIES, TREATMENTS, BUDGET_S = 100, 20, 0.050
PEER = """
if (!suppressWarnings(suppressMessages(require(netmeta, quietly = TRUE)))) quit(status = 3)
d <- read.csv(commandArgs(TRUE)[1])
pairs <- suppressWarnings(pairwise(treatment, event = events, n = n, studlab = study, data = d, sm = "OR"))
cat(system.time(suppressWarnings(suppressMessages(netrank(netmeta(pairs)))))[["user.self"]])
"""
PATIENCE_S = 240
"""It takes netmeta tens of seconds; a busy computer gives up on it."""


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    text = network()
    note = f"{STUDIES} studies, {TREATMENTS} treatments: estimates, splits, Q by design, P-scores, as one document"
    times = 3 if smoke else 20
    ours = _cpu_s(lambda: _answered(text, "DL"), times)
    yield Figure("network by moments, CPU", ours, "s", BUDGET_S, note=note)
    likely = _cpu_s(lambda: _answered(text, "REML"), times)
    yield Figure("network by restricted likelihood, CPU", likely, "s", BUDGET_S, note=note)
    theirs = None if smoke else _peer_s(text)
    if theirs is not None:
        yield Figure(
            "R's netmeta, CPU", theirs, "s", note="its estimates, splits and P-scores; no Q by design"
        )
        yield Figure("netmeta's time over ours", theirs / ours, "times")


def network(studies: int = STUDIES, treatments: int = TREATMENTS) -> str:
    """A table of trials of two to four arms, the same at every call."""
    chance = random.Random(7)
    lines = ["study,treatment,events,n"]
    for study in range(studies):
        for arm in chance.sample(range(treatments), chance.choice((2, 2, 2, 2, 3, 3, 4))):
            n = chance.randint(20, 200)
            lines.append(f"study {study},treatment {arm},{round(n * chance.uniform(0.1, 0.6))},{n}")
    return "\n".join(lines) + "\n"


def _answered(text: str, method: Method) -> object:
    return document(analyse(read(text, "OR", "network.csv"), "OR", method=method))


def _cpu_s(do: Callable[[], object], times: int) -> float:
    do()
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times


def _peer_s(text: str) -> float | None:
    """The processor time that netmeta takes for the same; None where R or netmeta is missing."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "network.csv", Path(folder) / "peer.R"
        table.write_text(text)
        script.write_text(PEER)
        command = ["Rscript", str(script), str(table)]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return None
    return float(ran.stdout.split()[-1]) if ran.returncode == 0 else None
