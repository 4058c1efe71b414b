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


Finder: TypeAlias = Callable[[Lookup], Found]
Sign: TypeAlias = Callable[[Any, Any], Any]
FORMS = frozenset({"missing", "confirmed", "all_known"})
COMPARISONS: dict[type[ast.cmpop], Sign] = {
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
    found = _compiled(condition)(lookup)
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


@cache
def names(condition: str) -> tuple[str, ...]:
    """Every plain name the condition mentions, functions left out."""
    tree = parse(condition)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return tuple(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions)


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


@cache
def _compiled(condition: str) -> Finder:
    return _finder(parse(condition))


def _finder(node: ast.expr) -> Finder:
    match node:
        case ast.Constant(value=value):
            return lambda lookup: Found(value)
        case ast.Name(id=name):
            return lambda lookup: lookup.name(name)
        case ast.BoolOp(op=op, values=values):
            parts, settles = [_finder(part) for part in values], isinstance(op, ast.Or)
            return lambda lookup: _settled([part(lookup) for part in parts], settles)
        case ast.UnaryOp(operand=operand):
            inner = _finder(operand)
            return lambda lookup: _not(inner(lookup))
        case ast.Compare(left=left, ops=ops, comparators=rest):
            sides, signs = [_finder(part) for part in (left, *rest)], [COMPARISONS[type(op)] for op in ops]
            return lambda lookup: _compare(signs, [side(lookup) for side in sides])
        case ast.Call(func=ast.Name(id=name), args=args):
            given = [_finder(part) for part in args]
            return lambda lookup: _call(name, [part(lookup) for part in given], lookup)
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
            return _settled(known_parts or args, settles=False)
    unknown = [arg for arg in args if arg.value is UNKNOWN]
    if unknown:
        return _merged(UNKNOWN, unknown)
    found = lookup.call(name, tuple(arg.value for arg in args))
    return Found(found.value, _unique(u for f in (*args, found) for u in f.uses), found.lacks)


def _not(part: Found) -> Found:
    value = truth(part.value)
    return _replaced(part, value if isinstance(value, Unknown) else not value)


def any_of(parts: Iterable[Found]) -> Found:
    """Yes if any part is; the answer rests on the parts that settle it."""
    return _settled(list(parts), settles=True)


def _settled(parts: list[Found], settles: bool) -> Found:
    """Kleene's or (settled by yes) and and (settled by no)."""
    truths = [truth(part.value) for part in parts]
    if settles in truths:
        return _merged(settles, [part for part, value in zip(parts, truths, strict=True) if value is settles])
    if UNKNOWN in truths:
        return _merged(UNKNOWN, [part for part, value in zip(parts, truths, strict=True) if value is UNKNOWN])
    return _merged(not settles, parts)


def _compare(signs: list[Sign], parts: list[Found]) -> Found:
    for place, part in enumerate(parts):
        if isinstance(part.value, tuple):
            return any_of(
                _compare(signs, [*parts[:place], event, *parts[place + 1 :]]) for event in part.value
            )
    pairs = zip(signs, parts, parts[1:], strict=False)
    truths = [_holds(sign, a.value, b.value) for sign, a, b in pairs]
    value = False if False in truths else UNKNOWN if UNKNOWN in truths else True
    lacks = _unique(item for part in parts for item in part.lacks) if value is UNKNOWN else ()
    return Found(value, _unique(use for part in parts for use in part.uses), lacks)


def _holds(sign: Sign, a: Any, b: Any) -> Truth:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return UNKNOWN
    spans = [x for x in (a, b) if isinstance(x, Span)]
    at_the_ends = {bool(sign(x, y)) for x in _ends(a) for y in _ends(b)}
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
