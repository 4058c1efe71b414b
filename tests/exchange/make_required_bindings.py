"""Make `src/lowtide/data/fhir/required_bindings.json` from the official FHIR R4 definitions.

    npm pack hl7.fhir.r4.examples@4.0.1 && tar xzf hl7.fhir.r4.examples-4.0.1.tgz
    .venv/bin/python -m tests.exchange.make_required_bindings package

The package (CC0-1.0) holds every StructureDefinition, ValueSet and CodeSystem of FHIR 4.0.1. From each resource and
data type we keep only the elements that lead to a required binding, or to a date. Value sets without a
finite list in the package (MIME types, UCUM units, currencies, languages) are left out: they are not checked.
"""

import json
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "src/lowtide/data/fhir/required_bindings.json"
DATES = ("date", "dateTime", "instant")
SOURCE = {
    "fhir_version": "4.0.1",
    "source": "npm package hl7.fhir.r4.examples 4.0.1, licence CC0-1.0, by tests/exchange/make_required_bindings.py",
    "verified": True,
}
Definition = dict[str, Any]


def main(folder: Path) -> None:
    kept = {kind: _all(folder, kind) for kind in ("StructureDefinition", "ValueSet", "CodeSystem")}
    types = [d for d in kept["StructureDefinition"].values() if _is_base_type(d)]
    sets = {url: codes for url in kept["ValueSet"] if (codes := _codes(url, kept))}
    elements: dict[str, dict[str, str]] = {}
    for definition in types:
        _take(definition, sets, elements)
    elements = _only_what_leads_somewhere(elements)
    used = sorted({rule[1:] for rules in elements.values() for rule in rules.values() if rule[0] in "=~"})
    by_name = {url.rpartition("/")[2]: codes for url, codes in sets.items()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(_text(SOURCE, {name: by_name[name] for name in used}, elements), encoding="utf-8")


def _text(source: Definition, value_sets: Definition, elements: Definition) -> str:
    """One line for each value set and each type, so that a change can be read."""
    parts = [f' "{name}": {json.dumps(value)}' for name, value in source.items()]
    for name, table in (("value_sets", value_sets), ("elements", elements)):
        rows = (f'  "{key}": {json.dumps(dict(sorted(row.items())))}' for key, row in sorted(table.items()))
        parts.append(f' "{name}": {{\n' + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _all(folder: Path, kind: str) -> dict[str, Definition]:
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(f"{kind}-*.json")))
    return {definition["url"]: definition for definition in found}


def _is_base_type(definition: Definition) -> bool:
    return (
        definition["kind"] in ("resource", "complex-type")
        and definition.get("derivation") == "specialization"
    )


def _codes(url: str, kept: dict[str, dict[str, Definition]]) -> dict[str, str] | None:
    """System -> codes of a value set, separated by spaces; None when the package does not list them all."""
    found: dict[str, list[str]] = {}
    for include in kept["ValueSet"][url].get("compose", {}).get("include", []):
        system = include.get("system", "")
        whole = kept["CodeSystem"].get(system, {})
        concepts = include.get("concept") or (
            whole.get("concept") if whole.get("content") == "complete" else None
        )
        if concepts is None or "filter" in include or "valueSet" in include:
            return None
        found.setdefault(system, []).extend(_flat(concepts))
    return {system: " ".join(codes) for system, codes in found.items()} or None


def _flat(concepts: list[Definition]) -> list[str]:
    return [code for c in concepts for code in (c["code"], *_flat(c.get("concept", [])))]


def _take(definition: Definition, sets: dict[str, Any], elements: dict[str, dict[str, str]]) -> None:
    for element in definition["snapshot"]["element"][1:]:
        parent, _, name = element["path"].rpartition(".")
        for kind in element.get("type", [{"code": "="}]):
            rule = _rule(element, kind["code"], sets)
            if rule and name not in ("extension", "modifierExtension", "contained", "resource"):
                shown = name.replace("[x]", kind["code"][0].upper() + kind["code"][1:])
                elements.setdefault(parent, {})[shown] = rule


def _rule(element: Definition, kind: str, sets: dict[str, Any]) -> str | None:
    """`=set` a code, `~set` a coded concept, `!` a date, `>Type` go on there; None: nothing to check."""
    binding = element.get("binding", {})
    url = binding.get("valueSet", "").split("|")[0]
    if (
        binding.get("strength") == "required"
        and url in sets
        and kind in ("code", "Coding", "CodeableConcept")
    ):
        return ("=" if kind == "code" else "~") + url.rpartition("/")[2]
    if kind in DATES:
        return "!"
    if "contentReference" in element:
        return ">" + element["contentReference"].lstrip("#")
    if kind in ("BackboneElement", "Element"):
        return ">" + element["path"]
    return ">" + kind if kind[0].isupper() else None


def _only_what_leads_somewhere(elements: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    while True:
        kept = {
            name: left
            for name, rules in elements.items()
            if (left := {k: r for k, r in rules.items() if r[0] != ">" or r[1:] in elements})
        }
        if kept == elements:
            return kept
        elements = kept


if __name__ == "__main__":
    main(Path(sys.argv[1]))
