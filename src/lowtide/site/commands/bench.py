"""How fast the numbers come: standard jobs, their share of what this machine can do, and other people's solvers beside.

Example: lowtide bench pharmacology --json
"""

import argparse
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lowtide.site.answers import add_json, answer
from lowtide.site.compiled import warm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("pharmacology",))
    parser.add_argument("--quick", action="store_true", help="leave the long jobs out")
    parser.add_argument("--no-peers", action="store_true", help="measure no other solver")
    parser.add_argument(
        "--peers", type=Path, help="an interpreter that has the peers (make bench-peers makes one)"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    found = measured(quick=args.quick, with_peers=not args.no_peers, python=args.peers)
    return answer(found, _lines(found), as_json=args.json)


def measured(*, quick: bool, with_peers: bool, python: Path | None) -> dict[str, Any]:
    """Roof, jobs and peers, in one run."""
    from lowtide.site.benchmarks import jobs, peers, roof

    where = peers.interpreter(python) if with_peers else None
    compiled_s = warm()
    best = roof.measured()
    found = list(jobs.every(best, quick=quick))
    ours = next(j for j in reversed(found) if j.name == "K7 A, levels stored").patients_per_cpu_s
    return {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "load_before": os.getloadavg()[0],
        "warm_s": compiled_s,
        "roof": {**msgspec.to_builtins(best), "fused_per_s": best.fused, "stored_per_s": best.stored},
        "jobs": msgspec.to_builtins(found),
        "peers": list(peers.measured(where, ours)) if where else [],
    }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    roof = found["roof"]
    yield f"one core: {roof['gflop_per_s']:.0f} Gflop/s, {roof['gload_per_s']:.0f} G loads/s, {roof['gbyte_stored_per_s']:.1f} GB/s stored"
    yield f"roof of job A: {roof['fused_per_s']:,.0f} summed, {roof['stored_per_s']:,.0f} stored patients/s"
    for job in found["jobs"]:
        share = f"{job['share_of_roof']:.0%} of the roof" if job.get("share_of_roof") else ""
        budget = f"budget {job['budget_ms']:.0f} ms" if job.get("budget_ms") else ""
        yield (
            f"{job['name']:<50}{job['members']:>9,}{job['wall_ms']:>10.1f} ms{job['patients_per_cpu_s']:>12,.0f}"
            f" a processor second  {share}{budget}"
        )
    yield from _peer_lines(found["peers"])


def _peer_lines(peers: list[dict[str, Any]]) -> Iterator[str]:
    for peer in peers:
        if "skipped" in peer:
            yield f"{peer['peer']}: skipped, {peer['skipped']}"
        else:
            rate = (
                f"{peer['patients_per_cpu_s']:.1f} a processor second, ours {peer['ratio']:,.0f} times that"
            )
            yield f"{peer['peer']} {peer['version']} ({peer['tolerance']}): {rate}; {peer['caveat']}"
