"""`docs/hazards.md`: each hazard with its controls, and the tests that carry its mark."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lowtide.data.read import csv_rows
from tests.repository.markdown import joined

TESTS = Path(__file__).parents[1]
HEAD = """\
# Hazard log

Made by `make docs` from `src/lowtide/data/hazards.csv` and from the tests: each test marked `hazard("H008")` is named
under that hazard. Of {total} hazards, {shown} have at least one such test; {bare} have none and say so.

What this page is: a list of what could go wrong, of the controls that are meant to prevent it, and of tests that
show a control at work in software. What it is not: a safety case. A test shows that one control does what the test
says, not that the hazard is closed; controls named *process* and *training* are the clinic's and no test of ours can
show them; severities, likelihoods and the risk that is said to remain are the table's estimates, made before use and
reviewed by nobody outside. The table names the published method that it follows; its entries are marked verified
only where the table says so.

| area | hazards | with a test | without |
| --- | ---: | ---: | ---: |"""


def page() -> Iterator[str]:
    hazards, tests = csv_rows("hazards.csv"), marked()
    bare = [h for h in hazards if h["hazard_id"] not in tests]
    yield from HEAD.format(total=len(hazards), shown=len(hazards) - len(bare), bare=len(bare)).splitlines()
    for area in dict.fromkeys(h["area"] for h in hazards):
        inside, without = [[h for h in some if h["area"] == area] for some in (hazards, bare)]
        name = area.replace("_", " ")
        yield f"| {name} | {len(inside)} | {len(inside) - len(without)} | {len(without)} |"
    yield from ("", "## Without a test", "")
    yield from (f"- {h['hazard_id']} {h['hazard']} ({h['area'].replace('_', ' ')})" for h in bare)
    for hazard in hazards:
        yield from _hazard(hazard, tests.get(hazard["hazard_id"], []))


def _hazard(h: dict[str, str], tests: list[str]) -> Iterator[str]:
    yield from ("", f"## {h['hazard_id']} {h['hazard']}", "")
    yield f"*{h['area'].replace('_', ' ')}.* " + joined(
        f"Causes: {h['causes']}", f"Effect: {h['effect_on_care']}", f"Harm: {h['potential_harm']}"
    )
    yield ""
    yield f"- Severity {h['severity']}; risk {h['risk_initial']} of 5 before controls ({_word(h['likelihood_initial'])})."
    yield f"- Controls ({h['control_types'].replace(';', ', ')}): {joined(h['controls'])}"
    yield f"- Estimated to remain: risk {h['risk_residual']} of 5 ({_word(h['likelihood_residual'])}). Owner: {h['owner']}."
    yield f"- To be shown: {joined(h['verification_test'])}"
    if h["note"]:
        yield f"- Note: {joined(h['note'])}"
    if h["verified"] != "yes":
        yield "- This row is not verified."
    if not tests:
        yield "- **No test carries its mark.**"
        return
    yield "- Shown by:"
    yield from (f"  - {test}" for test in tests)


def _word(likelihood: str) -> str:
    return f"likelihood {likelihood.replace('_', ' ')}"


@cache
def marked() -> dict[str, list[str]]:
    """hazard -> the tests with its mark, as sentences with the file that holds them."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said = node.name.removeprefix("test_").replace("_", " ")
                for hazard in _marks(node.decorator_list):
                    found.setdefault(hazard, []).append(f"{said} (`tests/{path.relative_to(TESTS)}`)")
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
