"""Reading an intake file: the structured form that a clinic fills in before candidacy is judged.

A filled-in form is a full history: a condition, medicine, allergy, substance or work-up item that its list does not name is
absent. A list or value that is null or left out is unknown, and nothing is inferred in its place; the two exceptions (no
known liver disease, no use disorder in remission) are those where the form itself uses null to say none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data import intake as catalogue
from lowtide.data import vocabulary
from lowtide.pathway.evaluate.adequacy import Trial
from lowtide.pathway.evaluate.answers import checked
from lowtide.pathway.evaluate.facts import (
    LISTED,
    Answer,
    Facts,
    Medicine,
    Problem,
    Requested,
    Status,
    gather,
    medicine,
    problem,
    trial,
)
from lowtide.pathway.evaluate.intake_keys import refuse_unknown_keys
from lowtide.problems import bad
from lowtide.record.dates import is_partial_date

ABSENT = object()
KINDS = ("indication", "product", "route")
ELSEWHERE = (*LISTED, "trials")
"""Kinds of item that a list of the form answers."""
DISMISSED = (
    ("dismissed_by", "Name the clinician who said so."),
    ("dismissed_because", "Say in a few words why it touches no rule."),
)
"""What a form says with “does_not_matter”."""
STATUSES: dict[str, Status] = {
    "active": "active", "current": "active", "planned": "active",
    "past": "past", "resolved": "past", "remission": "past", "inactive": "past",
    "refuted": "refuted", "ruled_out": "refuted",
}  # fmt: skip


def facts_from_intake(form: Any, asked: Mapping[str, str | None] | None = None) -> tuple[Facts, Requested]:
    """The facts and the request of one filled-in form; words in `asked` override the form's request.

    Raises BadInput naming the path of the first fault.
    """
    return history(form), requested(form, asked)


def history(form: Any) -> Facts:
    """The facts of one filled-in form. Raises BadInput naming the path of the first fault."""
    if not isinstance(form, dict):
        raise bad("not an intake", "$", "Give one JSON object with requested, demographics, diagnoses, ….")
    refuse_unknown_keys(form)
    return _facts(form)


def requested(form: Mapping[str, Any], asked: Mapping[str, str | None] | None = None) -> Requested:
    """The request of a form, overridden by the words in `asked`. Raises BadInput naming what is missing or unknown."""
    words = wished(form, asked)
    for kind in KINDS:
        if words[kind] is None:
            choices = ", ".join(vocabulary.words()[kind])
            raise bad(
                f"no {kind} is requested", f"requested.{kind}", f"Give one of: {choices} (or --{kind})."
            )
    return msgspec.convert(words, Requested)


def wished(form: Mapping[str, Any], asked: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """The fields of a request as far as they are given, in the words of the vocabulary. Raises BadInput for others."""
    stated = _section(form, "requested") or {}
    words = {**stated, **{key: word for key, word in (asked or {}).items() if word is not None}}
    chosen = {kind: _word(kind, words.get(kind)) for kind in KINDS}
    setting = checked(catalogue.items()["setting"], words.get("setting"), "requested.setting")
    protocol_id = _optional_text(words, "protocol_id", "requested")
    return {**chosen, "setting": str(setting) if setting else None, "protocol_id": protocol_id}


def _word(kind: str, given: Any) -> str | None:
    where = f"requested.{kind}"
    return None if given is None else vocabulary.word(kind, _text(given, where), where)


def _facts(form: dict[str, Any]) -> Facts:
    if _section(form, "demographics") is None:
        raise bad(
            "demographics are missing",
            "demographics",
            "Give age_years, sex_at_birth, weight_kg and the rest.",
        )
    problems = _diagnoses(form)
    medicines = _each(form, "medications", _medicine)
    trials = _each(form, "treatment_trials", _trial)
    allergies = _each(form, "allergies", _allergy)
    lists = {
        "problems": form.get("diagnoses"),
        "medicines": medicines,
        "trials": trials,
        "allergies": allergies,
    }
    facts = gather(
        problems=problems or (),
        medicines=medicines or (),
        trials=trials or (),
        allergies=allergies or (),
        answers=dict(_answers(form, problems or [])),
        complete={name for name, given in lists.items() if given is not None},
        unsettled=set(_said_unknown(form)),
        infer=False,
    )
    _in_order(facts)
    return facts


def _diagnoses(form: dict[str, Any]) -> list[Problem] | None:
    """The listed conditions, and those that the form says elsewhere; None where nobody gave the list."""
    listed = _each(form, "diagnoses", _problem)
    planned = (_each(form, name, _text) or [] for name in catalogue.form().planned)
    stated = [key for path, key in catalogue.form().says.items() if _said(form, path) is True]
    more = [problem([key], label=key) for key in (*stated, *(key for keys in planned for key in keys))]
    return [*(listed or ()), *more] if more else listed


def _said(form: dict[str, Any], path: str) -> bool | None:
    value = _at(form, path)
    return None if value is ABSENT else _flag({path: value}, path, "")


def _answers(form: dict[str, Any], problems: list[Problem]) -> Iterator[tuple[str, Answer]]:
    for item in catalogue.items().values():
        if item.kind in ELSEWHERE or item.id == "setting":
            continue
        value, where = _stated(form, item)
        if (
            value is None
            and item.null
            and not any((p.keys | p.possible) & set(item.null_unless) for p in problems)
        ):
            value = item.null
        if value is not ABSENT and value is not None:
            yield item.id, Answer(checked(item, value, where), _age(form, item))
    yield from _work_up(form)
    yield from _remission(form)


def _said_unknown(form: dict[str, Any]) -> Iterator[str]:
    """Items without a place of their own that the form names and leaves open: they were asked."""
    yield from (f"dx.{key}" for path, key in catalogue.form().says.items() if _at(form, path) is None)
    for item in catalogue.items().values():
        if item.path is None and item.kind not in ELSEWHERE and _stated(form, item)[0] is None:
            yield item.id


def _stated(form: dict[str, Any], item: catalogue.Item) -> tuple[Any, str]:
    """The form's value of an item and where it stands: at its path, or under its own name in any section."""
    if item.path:
        return _at(form, item.path), item.path
    for path, place in _places(form):
        if item.id in place:
            return place[item.id], f"{path}{item.id}"
    return ABSENT, item.id


def _places(form: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", form
    for name, section in form.items():
        if isinstance(section, dict):
            yield f"{name}.", section
    for place, entry in enumerate(form.get("diagnoses") or []):
        if isinstance(entry, dict):
            yield f"diagnoses[{place}].", entry


def _at(form: dict[str, Any], path: str) -> Any:
    """The value at a dotted path; ABSENT where a part of it is not given, None where one is null."""
    value: Any = form
    walked: list[str] = []
    for part in path.split("."):
        if value is ABSENT or value is None:
            return value
        if not isinstance(value, dict):
            raise bad(f"{value!r} is not an object", ".".join(walked), "Give an object, or null.")
        value = value.get(part, ABSENT)
        walked.append(part)
    return value


def _age(form: dict[str, Any], item: catalogue.Item) -> int | None:
    if item.age_path is None:
        return None
    age = _at(form, item.age_path)
    return None if age is ABSENT else _days(age, item.age_path)


def _work_up(form: dict[str, Any]) -> Iterator[tuple[str, Answer]]:
    done = _each(form, "workup_done", _text)
    if done is not None:
        words = {word.lower() for word in done}
        for key in catalogue.items():
            if key.startswith("workup."):
                yield key, Answer(key.removeprefix("workup.") in words)


def _remission(form: dict[str, Any]) -> Iterator[tuple[str, Answer]]:
    """Null says that no use disorder is in remission, unless the form lists one that is no longer active."""
    days, ever = _at(form, "substance.sud_remission_days"), _at(form, "substance.lifetime_use_disorder")
    if days is ABSENT:
        return
    if days is not None:
        yield "sud_in_remission", Answer(True)
    elif ever == []:
        yield "sud_in_remission", Answer(False)
    elif isinstance(ever, list) and isinstance(active := _at(form, "substance.sud_active"), str):
        yield "sud_in_remission", Answer(active == "none")


def _problem(entry: Any, where: str) -> Problem:
    entry = _object(entry, where)
    key, label = _optional_text(entry, "key", where), _words(entry, "label", where)
    codings = [
        (system, code)
        for system in ("icd10cm", "snomed")
        if (code := _optional_text(entry, system, where)) is not None
    ]
    if key is None and not codings and label is None:
        raise bad("neither a key, a code nor words", where, "Give key, icd10cm, snomed or label.")
    return problem(
        [key] if key else [],
        codings,
        status=_status(entry.get("status"), f"{where}.status"),
        since=_since(entry, where),
        primary=_flag(entry, "primary", where),
        label=label or "",
        dismissed=_dismissed(entry, where),
    )


def _dismissed(entry: dict[str, Any], where: str) -> bool:
    """Whether somebody said, by name and with a reason, that the problem does not matter here."""
    if not _flag(entry, "does_not_matter", where):
        return False
    for name, mend in DISMISSED:
        if _optional_text(entry, name, where) is None:
            raise bad("nobody answers for “does_not_matter”", f"{where}.{name}", mend)
    return True


def _status(given: Any, where: str) -> Status | None:
    if given is None:
        return None
    if given not in STATUSES:
        raise bad(f"{given!r} is not a status", where, f"Use one of: {', '.join(STATUSES)}, or null.")
    return STATUSES[given]


def _since(entry: dict[str, Any], where: str) -> int | str | None:
    if entry.get("date") is not None:
        text = _text(entry["date"], f"{where}.date")
        if not is_partial_date(text):
            raise bad(f"“{text}” is not a date", f"{where}.date", "Write 2024-05-06, 2024-05 or 2024.")
        return text
    return _days(entry.get("days_since"), f"{where}.days_since")


def _medicine(entry: Any, where: str) -> Medicine:
    entry = _object(entry, where)
    name = _text(entry.get("name"), f"{where}.name")
    totals = [item for item in catalogue.items().values() if item.total_over]
    amounts = {item.id: checked(item, entry.get(item.id), f"{where}.{item.id}") for item in totals}
    return medicine(
        name,
        [
            (system, code)
            for system in ("atc", "rxnorm")
            if (code := _optional_text(entry, system, where)) is not None
        ],
        classes=_each(entry, "keys", _text, where) or (),
        amounts={key: amount for key, amount in amounts.items() if isinstance(amount, int | float)},
    )


def _trial(entry: Any, where: str) -> Trial:
    entry = _object(entry, where)
    weeks = entry.get("weeks")
    if weeks is not None and (isinstance(weeks, bool) or not isinstance(weeks, int | float) or weeks < 0):
        raise bad(f"{weeks!r} is not a number of weeks", f"{where}.weeks", "Give a number from 0, or null.")
    return trial(
        _text(entry.get("agent"), f"{where}.agent"),
        weeks=weeks,
        adequate_dose=_flag(entry, "min_effective_dose", where),
        current_episode=_flag(entry, "current_episode", where),
        by_form=True,
    )


def _allergy(entry: Any, where: str) -> str:
    if isinstance(entry, dict):
        entry = next((entry[name] for name in ("key", "substance", "name", "label") if name in entry), None)
    return _text(entry, where)


def _in_order(facts: Facts) -> None:
    """Two values entered the wrong way round are refused, not judged."""
    for item in catalogue.items().values():
        if item.above and item.id in facts.values and item.above in facts.values:
            higher, lower = facts.values[item.id], facts.values[item.above]
            if isinstance(higher, int | float) and isinstance(lower, int | float) and higher <= lower:
                other = catalogue.items()[item.above].label
                raise bad(
                    f"{item.label} {higher:g} is not above {other} {lower:g}",
                    item.path or item.id,
                    "Check both.",
                )


def _section(form: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    section = form.get(name)
    return None if section is None else _object(section, name)


def _each(form: Mapping[str, Any], name: str, read: Any, where: str = "") -> list[Any] | None:
    """The entries of a list, each read; None when the list is null or left out."""
    path = f"{where}.{name}" if where else name
    entries = form.get(name)
    if entries is None:
        return None
    if not isinstance(entries, list):
        raise bad(f"{entries!r} is not a list", path, "Give a list, empty if there is none, or null.")
    return [read(entry, f"{path}[{place}]") for place, entry in enumerate(entries)]


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad(f"{value!r} is not an object", where, "Give an object.")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad(f"{value!r} is not text", where, "Give text.")
    return value.strip()


def _optional_text(entry: dict[str, Any], name: str, where: str) -> str | None:
    return None if entry.get(name) is None else _text(entry[name], f"{where}.{name}")


def _words(entry: dict[str, Any], name: str, where: str) -> str | None:
    """Words that may stand beside something else: empty ones are none."""
    given = entry.get(name)
    return None if isinstance(given, str) and not given.strip() else _optional_text(entry, name, where)


def _flag(entry: dict[str, Any], name: str, where: str) -> bool | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad(f"{value!r} is neither yes nor no", f"{where}.{name}", "Give true, false or null.")
    return value


def _days(value: Any, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad(f"{value!r} is not a number of days", where, "Give whole days from 0, or null.")
    return value
