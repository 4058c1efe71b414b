"""Write a golden body for each kind-version that has none: `python -m tests.record.write_golden`.

A golden body is what a clinic's database may hold from the day a kind is released. It is written once and never
again: later versions of Lowtide must still read it. Every field is filled, so that none is lost unnoticed.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from lowtide.record.entries.base import Body
from lowtide.record.entries.kinds import KINDS, to_bytes

FOLDER = Path(__file__).parent / "golden"
TABLE = FOLDER / "SHA256SUMS"
SIMPLE: dict[type, Any] = {
    inspect.IntType: 7,
    inspect.FloatType: 0.25,
    inspect.BoolType: True,
    inspect.DecimalType: "12.50",
    inspect.UUIDType: "5b1f0f7e-5f0a-4c3e-9a51-0c1d2e3f4a5b",
    inspect.DateTimeType: "2026-03-04T10:20:30.123456Z",
    inspect.DateType: "2026-03-04",
    inspect.NoneType: None,
}


def sample(kind: inspect.Type, name: str) -> Any:
    """A value of this type, as JSON says it."""
    if isinstance(kind, inspect.StructType):
        return {f.encode_name: sample(f.type, f.name) for f in kind.fields}
    if isinstance(kind, inspect.UnionType):
        return sample(next(t for t in kind.types if not isinstance(t, inspect.NoneType)), name)
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        return [sample(kind.item_type, name)]
    if isinstance(kind, inspect.DictType):
        return {sample(kind.key_type, name): sample(kind.value_type, name)}
    if isinstance(kind, inspect.EnumType):
        return next(iter(kind.cls)).value
    if isinstance(kind, inspect.StrType):
        return "2012-05" if kind.pattern else f"a {name.replace('_', ' ')}, “été”"
    return SIMPLE[type(kind)]


def golden(kind: type[Body]) -> bytes:
    fields = sample(inspect.type_info(kind), "") | {"kind": kind.kind_tag()}
    return to_bytes(msgspec.convert(fields, kind, strict=False), "a reason")


def table() -> dict[str, str]:
    """file name -> SHA-256, as it was when the file was written."""
    lines = TABLE.read_text().split() if TABLE.exists() else []
    return dict(zip(lines[1::2], lines[::2], strict=True))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    sums = table()
    for tag, kind in KINDS.items():
        path = FOLDER / f"{tag}.json"
        if not path.exists():
            path.write_bytes(golden(kind))
            sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    TABLE.write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


if __name__ == "__main__":
    main()
