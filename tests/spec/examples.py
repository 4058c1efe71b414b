"""The cases of this folder: the vignettes, and examples written as changes to one of them."""

import copy
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.intake import facts_from_intake
from lowtide.pathway.evaluate.rules import Evaluation, evaluate

HERE = Path(__file__).parent
DAY = date(2026, 11, 22)
VIGNETTES: dict[str, dict[str, Any]] = {
    v["id"]: v for v in json.loads((HERE / "vignettes.json").read_text())["vignettes"]
}


class Example(msgspec.Struct, forbid_unknown_fields=True):
    """A vignette with changes: `set` by dotted path (the word null for null), `diagnoses` and the rest added."""

    rule: str
    met: str
    from_: str = msgspec.field(default="V01", name="from")
    says: str = ""
    policy: str = "default"
    set: dict[str, Any] = {}
    diagnoses: list[dict[str, Any]] = []
    medications: list[dict[str, Any]] = []
    allergies: list[str] = []

    @property
    def form(self) -> dict[str, Any]:
        return changed(VIGNETTES[self.from_], self)

    def __str__(self) -> str:
        return f"{self.rule} {self.says or self.set or self.diagnoses or self.from_}: {self.met}"


class Boundary(msgspec.Struct, forbid_unknown_fields=True):
    """One value walked over a threshold: each pair is a value and what the rule then says.

    With `diagnosis` or `medicine` the path is a field of that added entry.
    """

    rule: str
    path: str
    answers: list[tuple[float, str]]
    from_: str = msgspec.field(default="V01", name="from")
    says: str = ""
    policy: str = "default"
    set: dict[str, Any] = {}
    diagnosis: str | None = None
    medicine: dict[str, Any] | None = None
    diagnoses: list[dict[str, Any]] = []

    def examples(self) -> Iterator[Example]:
        for value, met in self.answers:
            value = int(value) if value == int(value) else value
            case = Example(
                self.rule,
                met,
                self.from_,
                f"{self.says} {self.path} {value}".strip(),
                self.policy,
                dict(self.set),
            )
            case.diagnoses, entry = list(self.diagnoses), {self.path: value}
            if self.diagnosis:
                case.diagnoses.append({"key": self.diagnosis, "status": "past", **entry})
            elif self.medicine:
                case.medications = [{**self.medicine, **entry}]
            else:
                case.set |= entry
            yield case


class _File(msgspec.Struct, forbid_unknown_fields=True):
    example: list[Example] = []
    boundary: list[Boundary] = []


FILES = [
    msgspec.convert(tomllib.loads(path.read_text()), _File, strict=False)
    for path in sorted((HERE / "rules").glob("*.toml"))
]
BOUNDARIES = [boundary for file in FILES for boundary in file.boundary]
EXAMPLES = [e for file in FILES for e in file.example] + [e for b in BOUNDARIES for e in b.examples()]


def judged(form: dict[str, Any], profile: str = "default") -> Evaluation:
    return evaluate(*facts_from_intake(form), policy(profile), DAY)


def changed(base: dict[str, Any], change: Example) -> dict[str, Any]:
    form = copy.deepcopy(base)
    for name in ("diagnoses", "medications", "allergies"):
        if added := getattr(change, name):
            form[name] = [*(form[name] or []), *added]
    for path, value in change.set.items():
        put(form, path, None if value == "null" else value)
    return form


def put(form: Any, path: str, value: Any) -> None:
    """Set a dotted path; a number in it is a place in a list, which is made longer by one where it ends."""
    *way, last = path.split(".")
    for part in way:
        form = form[int(part)] if isinstance(form, list) else form.setdefault(part, {})
    if isinstance(form, list):
        form[int(last)] = value
    else:
        form[last] = value


def said(evaluation: Evaluation, rule_id: str) -> str:
    """What a rule says: its finding's decision, `unknown` while it is open, or `no`."""
    found = [f.decision for f in evaluation.findings if f.rule.id == rule_id]
    if found:
        return found[0]
    return "unknown" if any(rule_id in m.needed_by for m in evaluation.missing) else "no"
