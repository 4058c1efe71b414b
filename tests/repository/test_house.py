"""The house keeps its own rules: sizes, words, empty package files, reasons for what it stands on."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "lowtide"
MODULES = [p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts]


def tracked() -> list[Path]:
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines()]


def functions() -> Iterator[tuple[str, int]]:
    """Each function of the source with its length in lines, docstring left out."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                yield f"{path.relative_to(SOURCE)}:{node.name}", (node.end_lineno or 0) - first.lineno + 2


def test_no_file_outgrows_its_room() -> None:
    too_long = {
        str(p.relative_to(SOURCE)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400
    }
    assert not too_long


def test_functions_have_a_median_of_at_most_ten_lines() -> None:
    assert statistics.median(n for _, n in functions()) <= 10


def test_functions_are_rarely_longer_than_thirty_lines() -> None:
    lengths = list(functions())
    long = {name: n for name, n in lengths if n > 30}
    assert len(long) <= len(lengths) // 50, long


def test_package_files_are_empty() -> None:
    assert not [p for p in SOURCE.rglob("__init__.py") if p.read_text().strip()]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        p for p in MODULES if p.name != "__init__.py" and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert not silent


def test_only_the_loader_opens_data_files() -> None:
    opens = re.compile(r"importlib\.resources|files\(\"lowtide\.data|lowtide/data/")
    assert [p.name for p in MODULES if opens.search(p.read_text())] == ["read.py"]


def test_every_dependency_says_why() -> None:
    for name in ("app.in", "dev.in"):
        for line in (ROOT / "requirements" / name).read_text().splitlines():
            assert line.startswith("-r") or re.search(r"# \w+", line), line


FORBIDDEN = {
    "a package registry's host": r"pypi\.org|pythonhosted|npmjs\.(org|com)|deb\.debian",
    "a folder that is not the project's": "/" + r"work/|\.\./" + r"shared|knowledge" + r" pack",
    "the workplace": r"(?i)\b(this|an?) (ai|coding) (session|agent|helper)\b|\bsub-?agents?\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    samples = ROOT / "tests" / "exchange" / "samples"
    named = []
    for path in tracked():
        if path == Path(__file__) or samples in path.parents or "vendor" in path.parts or not path.exists():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if re.search(FORBIDDEN[what], text):
            named.append(str(path.relative_to(ROOT)))
    assert not named


def test_hazard_marks_name_hazards_that_exist() -> None:
    known = set(re.findall(r"^(H\d{3}),", (SOURCE / "data" / "hazards.csv").read_text(), re.M))
    used = {
        h for p in (ROOT / "tests").rglob("test_*.py") for h in re.findall(r'hazard\("(\w+)"', p.read_text())
    }
    assert used <= known


def test_every_room_of_rules_is_kept_pure() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (pure,) = (c["source_modules"] for c in contracts if c["name"].startswith("The pure rooms"))
    rooms = {p.with_suffix("") for p in SOURCE.rglob("rules.py")} | {p.parent for p in SOURCE.rglob("rules/__init__.py")}  # fmt: skip
    names = {".".join(("lowtide", *room.relative_to(SOURCE).parts)) for room in rooms}
    names -= {"lowtide.site.commands.rules"}  # a verb that prints them
    outside = [n for n in names if not any(n == m or n.startswith(f"{m}.") for m in pure)]
    assert not outside
    assert {"lowtide.data", "lowtide.virtual"} <= set(pure)


def test_what_the_notice_points_at_is_there() -> None:
    named = re.findall(r"\b(?:src|tests)/[\w./-]+\w", (ROOT / "NOTICE").read_text())
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]
