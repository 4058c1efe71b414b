"""`docs/hazard-log.md`: each hazard with the control that was built, the tests that carry its mark, how they ended last,
the risk that remains, and who accepted it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from lowtide.data.read import csv_rows
from tests.hazard_results import Result, results
from tests.repository.markdown import joined, table

TESTS = Path(__file__).parents[1]
HEAD = """\
# Hazard log

Made by `make docs` from `src/lowtide/data/hazards.csv` (what could go wrong), `hazard_controls.csv` beside it (what was
built against it, and who accepted what remains), from the tests that carry a mark such as `hazard("H008")`, and from
`hazard_results.csv`, in which `make hazards` keeps how each of them ended last. Of {total} hazards, {shown} have at
least one such test; {bare} have none and say so. {accepted} of the risks that remain have been accepted by somebody.

What this page is: a list of what could go wrong, of the controls that are meant to prevent it, and of tests that
show a control at work in software. What it is not: a safety case. A test shows that one control does what the test
says, not that the hazard is closed; controls named *process* and *training* are the clinic's and no test of ours can
show them; severities, likelihoods and the risk that is said to remain are the table's estimates, made before use and
reviewed by nobody outside. The table names the published method that it follows; its entries are marked verified
only where the table says so. Before a clinic goes live its own director accepts what remains, or does not: at
`/clinic/hazards/`, one signature a hazard, an entry of that clinic's record. Those are not in this page."""


class Test(msgspec.Struct, frozen=True):
    """A test with a hazard's mark: its place, and its name as the sentence that it is."""

    node: str
    said: str

    @property
    def file(self) -> str:
        return self.node.partition("::")[0]


def page() -> Iterator[str]:
    hazards, tests = csv_rows("hazards.csv"), marked()
    bare = [h for h in hazards if h["hazard_id"] not in tests]
    accepted = sum(bool(c["accepted_by"]) for c in controls().values())
    counts = {"total": len(hazards), "shown": len(hazards) - len(bare), "bare": len(bare)}
    yield from HEAD.format(accepted=accepted or "None", **counts).splitlines()
    yield ""
    yield from table(
        ("", "hazard", "risk", "remains", "tests", "last result", "accepted"), map(_row, hazards)
    )
    if bare:
        yield from ("## Without a test", "")
        yield from (f"- {h['hazard_id']} {h['hazard']} ({h['area'].replace('_', ' ')})" for h in bare)
        yield ""
    for hazard in hazards:
        yield from _hazard(hazard, tests.get(hazard["hazard_id"], []))


def _row(h: dict[str, str]) -> tuple[str, ...]:
    tests = marked().get(h["hazard_id"], [])
    link = f"[{h['hazard_id']}](#{_anchor(h)})"
    remains, accepted = f"{h['risk_residual']} of 5", controls()[h["hazard_id"]]["accepted_by"]
    risk = f"{h['risk_initial']} of 5"
    return link, h["hazard"], risk, remains, str(len(tests)), _together(tests), accepted or "not yet"


def _anchor(h: dict[str, str]) -> str:
    kept = (c for c in f"{h['hazard_id']} {h['hazard']}".lower() if c.isalnum() or c in " -")
    return "".join(kept).replace(" ", "-")


def _hazard(h: dict[str, str], tests: list[Test]) -> Iterator[str]:
    built = controls()[h["hazard_id"]]
    yield from (f"## {h['hazard_id']} {h['hazard']}", "")
    yield f"*{h['area'].replace('_', ' ')}.* " + joined(
        f"Causes: {h['causes']}", f"Effect: {h['effect_on_care']}", f"Harm: {h['potential_harm']}"
    )
    yield ""
    yield f"- Severity {h['severity']}; risk {h['risk_initial']} of 5 before controls ({_word(h['likelihood_initial'])})."
    yield f"- Controls asked for ({h['control_types'].replace(';', ', ')}): {joined(h['controls'])}"
    yield f"- Control built: {joined(built['built'])} In {', '.join(f'`{p}`' for p in built['where'].split())}."
    if built["gap"]:
        yield f"- Not built: {joined(built['gap'])}"
    yield f"- Estimated to remain: risk {h['risk_residual']} of 5 ({_word(h['likelihood_residual'])}). Owner: {h['owner']}."
    yield f"- Accepted: {_accepted(built)}"
    yield f"- To be shown: {joined(h['verification_test'])}"
    if h["note"]:
        yield f"- Note: {joined(h['note'])}"
    if h["verified"] != "yes":
        yield "- This row is not verified."
    yield from _shown(tests)
    yield ""


def _shown(tests: list[Test]) -> Iterator[str]:
    if not tests:
        yield "- **No test carries its mark.**"
        return
    yield f"- Shown by (last result: {_together(tests)}):"
    yield from (f"  - {test.said} (`{test.file}`): {_last(test)}" for test in tests)


def _accepted(built: dict[str, str]) -> str:
    if not built["accepted_by"]:
        return "not accepted yet."
    return joined(f"by {built['accepted_by']} on {built['accepted_on']}", built["accepted_because"])


def _word(likelihood: str) -> str:
    return f"likelihood {likelihood.replace('_', ' ')}"


def _together(tests: list[Test]) -> str:
    """How all of them ended, in a word, with the day of the oldest result among them."""
    known = [result for test in tests for result in _results().get(test.node, [])]
    unknown = sum(test.node not in _results() for test in tests)
    if not known:
        return "not run yet"
    failed = sum(result.result == "failed" for result in known)
    words = [f"{failed} failed"] if failed else [f"passed {min(result.on for result in known)}"]
    return ", ".join([*words, *([f"{unknown} not run yet"] if unknown else [])])


def _last(test: Test) -> str:
    found = _results().get(test.node, [])
    return (
        ", ".join(f"{'**failed**' if r.result == 'failed' else r.result} on {r.engine}" for r in found)
        or "not run yet"
    )


@cache
def _results() -> dict[str, list[Result]]:
    """test -> how it ended, by engine."""
    found: dict[str, list[Result]] = {}
    for result in results():
        found.setdefault(result.test, []).append(result)
    return found


@cache
def controls() -> dict[str, dict[str, str]]:
    """hazard -> what was built against it, and who accepted what remains."""
    return {row["hazard_id"]: row for row in csv_rows("hazard_controls.csv")}


@cache
def marked() -> dict[str, list[Test]]:
    """hazard -> the tests with its mark."""
    found: dict[str, list[Test]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said = node.name.removeprefix("test_").replace("_", " ")
                test = Test(f"tests/{path.relative_to(TESTS)}::{node.name}", said)
                for hazard in _marks(node.decorator_list):
                    found.setdefault(hazard, []).append(test)
    return found


def _marks(decorators: list[ast.expr]) -> Iterator[str]:
    """The hazards that these decorators name, those of single parameters among them, each once."""
    calls = (n for d in decorators for n in ast.walk(d) if isinstance(n, ast.Call))
    named = (
        c.args[0] for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "hazard" and c.args
    )
    yield from dict.fromkeys(
        a.value for a in named if isinstance(a, ast.Constant) and isinstance(a.value, str)
    )
