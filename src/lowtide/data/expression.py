"""The language of the conditions in the rule tables, answered yes, no or unknown.

A condition such as `sbp_mmhg > sbp_gate_mmhg or dx_active('aneurysm')` is written in Python's notation, but only the
few forms below are in the language; nothing else can be reached from a data file. Names and functions mean what the
caller's `Lookup` says. Unknown follows Kleene: it wins unless the known parts already settle the answer.

    a and b, a or b, not a      comparisons (chained too), `in`, `not in`
    missing(a)                  yes when `a` is unknown: for gates that ask for an item
    confirmed(a)                yes only when `a` is known to be yes: an unknown counts as no
    all_known(a, b)             `and` over those that are known; unknown when none is
"""

import ast
import enum
import operator
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Protocol, TypeAlias

import msgspec


class Unknown(enum.Enum):
    """The third value of every answer."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


class Span(msgspec.Struct, frozen=True):
    """A number known only to lie from `low` to `high`.

    A comparison that both ends do not settle is unknown; of a `cautious` span (days counted from a partial date) it is
    yes, so that a condition on days takes the end that is worse for the patient's eligibility. Spans are compared by
    size (<, <=, >, >=), not for equality.
    """

    low: float
    high: float
    cautious: bool = False


class Use(msgspec.Struct, frozen=True):
    """A value that an answer rests on: a fact or a named number, and what it was."""

    name: str
    value: Any


class Found(msgspec.Struct, frozen=True):
    """An answer: its value, what it rests on, and which items would settle it were they known.

    The value is a truth, number, word, set of words, Span, UNKNOWN, or a tuple of Found: several events, any of which
    may meet a comparison.
    """

    value: Any
    uses: tuple[Use, ...] = ()
    lacks: tuple[str, ...] = ()


Truth: TypeAlias = bool | Unknown


class Lookup(Protocol):
    """What names and functions mean: the patient's facts, the request, the policy's numbers."""

    def name(self, name: str) -> Found: ...
    def call(self, function: str, arguments: tuple[Any, ...]) -> Found: ...


FORMS = frozenset({"missing", "confirmed", "all_known"})
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def answer(condition: str, lookup: Lookup) -> Found:
    """The condition's truth for what `lookup` knows. Raises ValueError for what is not in the language."""
    found = _find(parse(condition), lookup)
    return found if isinstance(found.value, bool | Unknown) else _replaced(found, truth(found.value))


@cache
def parse(condition: str) -> ast.expr:
    """The condition as a tree. Raises ValueError naming what is not in the language."""
    try:
        tree = ast.parse(condition, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"not a condition: {condition!r}") from error
    for node in ast.walk(tree):
        if not _allowed(node):
            raise ValueError(
                f"{ast.unparse(node) if isinstance(node, ast.expr) else node!r} in {condition!r}"
            )
    return tree


def names(condition: str) -> Iterator[str]:
    """Every plain name the condition mentions, functions left out."""
    tree = parse(condition)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    yield from (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions)


def calls(condition: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every function call with its arguments, names and words alike; the language's own forms left out."""
    for node in ast.walk(parse(condition)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in FORMS:
            yield node.func.id, tuple(ast.unparse(argument).strip("'") for argument in node.args)


def truth(value: Any) -> Truth:
    """A set is true when it holds something; an unknown stays unknown."""
    if isinstance(value, bool | Unknown):
        return value
    if isinstance(value, frozenset):
        return bool(value)
    raise TypeError(f"{value!r} is neither yes nor no")


def _allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and not node.keywords
    shapes = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.Compare, ast.Name, ast.Load)
    return isinstance(node, shapes) or type(node) in COMPARISONS


def _find(node: ast.expr, lookup: Lookup) -> Found:
    match node:
        case ast.Constant(value=value):
            return Found(value)
        case ast.Name(id=name):
            return lookup.name(name)
        case ast.BoolOp(op=ast.And(), values=parts):
            return _all(_find(part, lookup) for part in parts)
        case ast.BoolOp(values=parts):
            return _any(_find(part, lookup) for part in parts)
        case ast.UnaryOp(operand=part):
            return _not(_find(part, lookup))
        case ast.Compare(left=left, ops=ops, comparators=rest):
            return _compare(ops, [_find(part, lookup) for part in (left, *rest)])
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [_find(part, lookup) for part in args], lookup)
    raise ValueError(f"{ast.dump(node)} is not in the language")


def _call(name: str, args: list[Found], lookup: Lookup) -> Found:
    match name:
        case "missing":
            return _replaced(args[0], args[0].value is UNKNOWN)
        case "confirmed":
            known = truth(args[0].value) is True
            return Found(known, args[0].uses if known else ())
        case "all_known":
            known_parts = [arg for arg in args if truth(arg.value) is not UNKNOWN]
            return _all(known_parts or args)
    unknown = [arg for arg in args if arg.value is UNKNOWN]
    if unknown:
        return _merged(UNKNOWN, unknown)
    found = lookup.call(name, tuple(arg.value for arg in args))
    return Found(found.value, _unique(u for f in (*args, found) for u in f.uses), found.lacks)


def _not(part: Found) -> Found:
    value = truth(part.value)
    return _replaced(part, value if isinstance(value, Unknown) else not value)


def _all(parts: Iterable[Found]) -> Found:
    return _settled(list(parts), settles=False)


def _any(parts: Iterable[Found]) -> Found:
    return _settled(list(parts), settles=True)


def _settled(parts: list[Found], settles: bool) -> Found:
    """Kleene's and (settled by no) or or (settled by yes); the answer rests on the parts that settle it."""
    deciding = [part for part in parts if truth(part.value) is settles]
    if deciding:
        return _merged(settles, deciding)
    unknown = [part for part in parts if truth(part.value) is UNKNOWN]
    return _merged(UNKNOWN, unknown) if unknown else _merged(not settles, parts)


def _compare(ops: list[ast.cmpop], parts: list[Found]) -> Found:
    for place, part in enumerate(parts):
        if isinstance(part.value, tuple):
            events = part.value
            return _any(_compare(ops, [*parts[:place], event, *parts[place + 1 :]]) for event in events)
    truths = [
        _holds(COMPARISONS[type(op)], a.value, b.value)
        for op, a, b in zip(ops, parts, parts[1:], strict=False)
    ]
    value = False if False in truths else UNKNOWN if UNKNOWN in truths else True
    lacks = _unique(item for part in parts for item in part.lacks) if value is UNKNOWN else ()
    return Found(value, _unique(use for part in parts for use in part.uses), lacks)


def _holds(op: Callable[[Any, Any], Any], a: Any, b: Any) -> Truth:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return UNKNOWN
    spans = [x for x in (a, b) if isinstance(x, Span)]
    at_the_ends = {bool(op(x, y)) for x in _ends(a) for y in _ends(b)}
    if len(at_the_ends) == 1:
        return at_the_ends == {True}
    return True if all(span.cautious for span in spans) else UNKNOWN


def _ends(value: Any) -> tuple[Any, ...]:
    return (value.low, value.high) if isinstance(value, Span) else (value,)


def _merged(value: Truth, parts: list[Found]) -> Found:
    return Found(value, _unique(u for p in parts for u in p.uses), _unique(i for p in parts for i in p.lacks))


def _replaced(found: Found, value: Truth) -> Found:
    return Found(value, found.uses, found.lacks)


def _unique(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))
