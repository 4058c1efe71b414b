"""From parameters to a linear system: its poles and weights, and the matrix they stand for.

One shape covers the published models: a parent hub (centre and up to three neighbours, one of which may be the liver),
norketamine and hydroxynorketamine hubs, each reached at once or through two equal transit stages, and first-order
filters (venous lag, effect sites). Members are rows; arrays are (members,). Amounts mg, volumes L, rates 1/h.
"""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lowtide.science.pharmacology import kernel

Array = npt.NDArray[Any]
Parameters = dict[str, Array]
Wanted = Collection[str] | None

ARTERIAL = ("arterial ketamine", "arterial norketamine", "arterial hydroxynorketamine")
VENOUS = ("venous ketamine", "venous norketamine", "venous hydroxynorketamine")
SITES = ("mind", "pressure", "pain")
CANCELLATION_LIMIT = 2e-11  # 1e-10 of peak is promised; at times the error is thrice the estimate


class Channel(msgspec.Struct, frozen=True):
    """One way in: into the parent's `centre`, the `liver` or straight into `metabolism`; through a depot that empties
    at `ka` (members,) 1/h, or at once (None)."""

    into: str
    ka: Array | None = None


class Shape(msgspec.Struct, frozen=True):
    """What a model is made of: neighbours of the parent hub, the liver's place among them, transit stages, outputs."""

    neighbours: int
    liver: int | None
    transit_nk: bool
    transit_hnk: bool
    linked: bool
    outputs: tuple[str, ...]


class State(msgspec.Struct):
    """Where members stand: each mode's amount (members, channels, poles), and for those that go by matrices what lies
    in each of their places (n, places), None at rest."""

    modes: Array
    places: Array | None = None


class System(msgspec.Struct, frozen=True):
    """Members ready to be propagated."""

    shape: Shape
    poles: Array
    pair: npt.NDArray[np.int8]
    weights: Array
    index: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    error: Array
    channels: tuple[Channel, ...]
    parameters: Parameters
    outputs: tuple[str, ...]

    @property
    def members(self) -> int:
        return int(self.poles.shape[0])

    @property
    def by_matrix(self) -> Array:
        """The members whose modes lie too close together for the closed form."""
        return np.flatnonzero(self.error > CANCELLATION_LIMIT)

    def rest(self) -> State:
        """The state of members who have had nothing."""
        return State(np.zeros((self.members, len(self.channels), self.poles.shape[1])))


def shape_of(parameters: Parameters, *, arterial: bool, linked: bool) -> Shape:
    """The shape that these parameters fill. `arterial` models drive effects; `linked` ones give a venous side too."""
    neighbours = 1 + ("v3" in parameters) + ("vh" in parameters)
    outputs = (*ARTERIAL, *(VENOUS if linked else ()), *SITES) if arterial else VENOUS
    liver = neighbours - 1 if "vh" in parameters else None
    return Shape(neighbours, liver, "mtt_nk" in parameters, "mtt_hnk" in parameters, linked, outputs)


def _hub(p: Parameters, shape: Shape) -> tuple[Array, Array, Array, Array]:
    """The parent: outflow of the centre, and for each neighbour its outflow, rate out to it and rate back."""
    flows = [(p["q2"], p["v2"])] + ([(p["q3"], p["v3"])] if "v3" in p else [])
    out = [q / p["v1"] for q, _ in flows]
    back = [q / v for q, v in flows]
    leaves = list(back)
    if shape.liver is not None:
        out.append(p["qh"] / p["v1"])
        back.append(p["qh"] / p["vh"])
        leaves.append(p["qh"] / p["vh"] + p["kel"] + p["kmet"])
    centre = sum(out, start=np.zeros_like(p["v1"]))
    if shape.liver is None:
        centre = centre + p["cl"] / p["v1"]
    return centre, np.stack(leaves, 1), np.stack(out, 1), np.stack(back, 1)


def _metabolite(p: Parameters, name: str) -> tuple[Array, Array, Array]:
    """A metabolite's hub: outflow of its centre, of its neighbour, and the product of the two exchange rates."""
    v1, v2, q, cl = p[f"v1_{name}"], p[f"v2_{name}"], p[f"q_{name}"], p[f"cl_{name}"]
    return (cl + q) / v1, (q / v2)[:, None], (q / v1 * q / v2)[:, None]


class _Parts(msgspec.Struct, frozen=True):
    """Poles, zeros and gains of one set of members, with their names."""

    poles: Array
    names: tuple[str, ...]
    zeros: Array
    zero_names: tuple[str, ...]
    liver_sum: Array
    rates: dict[str, Array]


def _parts(p: Parameters, shape: Shape, channels: tuple[Channel, ...]) -> _Parts:
    centre, leaves, out, back = _hub(p, shape)
    nk, nk_leaf, nk_c = _metabolite(p, "nk")
    hnk, hnk_leaf, hnk_c = _metabolite(p, "hnk")
    poles: dict[str, Array] = {"parent": kernel.arrow_poles(centre, leaves, out * back)}
    if shape.transit_nk:
        poles["to nk"] = np.repeat((2 / p["mtt_nk"])[:, None], 2, 1)
    poles["nk"] = kernel.arrow_poles(nk, nk_leaf, nk_c)
    if shape.transit_hnk:
        poles["to hnk"] = np.repeat((2 / p["mtt_hnk"])[:, None], 2, 1)
    poles["hnk"] = kernel.arrow_poles(hnk, hnk_leaf, hnk_c)
    if shape.linked:
        poles["lag"] = p["venous_rate"][:, None]
    for site in SITES if "mind" in shape.outputs else ():
        poles[site] = p[f"ke0_{site}"][:, None]
    for number, channel in enumerate(channels):
        if channel.ka is not None:
            poles[f"ka{number}"] = channel.ka[:, None]
    zeros: dict[str, Array] = {"parent": leaves, "nk": nk_leaf, "hnk": hnk_leaf}
    liver_sum = centre
    if shape.liver is not None:
        others = [i for i in range(shape.neighbours) if i != shape.liver]
        zeros["unlivered"] = leaves[:, others]
        zeros["minor"] = kernel.arrow_poles(
            centre,
            np.ascontiguousarray(leaves[:, others]),
            np.ascontiguousarray((out * back)[:, others]),
        )
    rates = {"out_liver": out[:, -1], "back_liver": back[:, -1]}
    names = tuple(name for name, array in poles.items() for _ in range(array.shape[1]))
    zero_names = tuple(name for name, array in zeros.items() for _ in range(array.shape[1]))
    return _Parts(
        np.concatenate(list(poles.values()), 1),
        names,
        np.concatenate(list(zeros.values()), 1),
        zero_names,
        liver_sum,
        rates,
    )


class _Transfer(msgspec.Struct, frozen=True):
    """One transfer function: which poles, which zeros (by name), and the gain by member."""

    poles: frozenset[str]
    zeros: frozenset[str]
    gain: Array


def _link(p: Parameters, shape: Shape) -> Array:
    """Norketamine formed an hour (mg) for each mg at the place where the parent is metabolised."""
    broken = p["kmet"] if shape.liver is not None else p["cl"] / p["v1"]
    return np.asarray(p["f_nk"] * p["nk_mass"] * broken)


def _transit(p: Parameters, name: str, present: bool) -> Array | float:
    return np.asarray((2 / p[f"mtt_{name}"]) ** 2) if present else 1.0


def _to_parent(p: Parameters, shape: Shape, parts: _Parts, channel: Channel) -> _Transfer | None:
    """Amount in, concentration of the parent in its centre out."""
    if channel.into == "metabolism":
        return None
    if channel.into == "liver":
        return _Transfer(frozenset(["parent"]), frozenset(["unlivered"]), parts.rates["back_liver"] / p["v1"])
    return _Transfer(frozenset(["parent"]), frozenset(["parent"]), 1 / p["v1"])


def _to_norketamine(p: Parameters, shape: Shape, parts: _Parts, channel: Channel) -> _Transfer:
    """Amount in, concentration of norketamine out."""
    onward = _transit(p, "nk", shape.transit_nk) / p["v1_nk"]
    poles = {"nk", *(["to nk"] if shape.transit_nk else [])}
    if channel.into == "metabolism":
        return _Transfer(frozenset(poles), frozenset(["nk"]), p["f_nk"] * p["nk_mass"] * onward)
    if shape.liver is None:
        return _Transfer(frozenset(poles | {"parent"}), frozenset(["parent", "nk"]), _link(p, shape) * onward)
    if channel.into == "liver":
        return _Transfer(frozenset(poles | {"parent"}), frozenset(["minor", "nk"]), _link(p, shape) * onward)
    gain = parts.rates["out_liver"] * _link(p, shape) * onward
    return _Transfer(frozenset(poles | {"parent"}), frozenset(["unlivered", "nk"]), gain)


def _to_hydroxynorketamine(p: Parameters, shape: Shape, before: _Transfer) -> _Transfer:
    formed = p["f_hnk"] * p["hnk_mass"] * p["cl_nk"] * _transit(p, "hnk", shape.transit_hnk)
    poles = before.poles | {"hnk"} | ({"to hnk"} if shape.transit_hnk else set())
    return _Transfer(poles, before.zeros | {"hnk"}, before.gain * formed / p["v1_hnk"])


def _transfers(p: Parameters, shape: Shape, parts: _Parts, channel: Channel) -> list[_Transfer | None]:
    parent = _to_parent(p, shape, parts, channel)
    norketamine = _to_norketamine(p, shape, parts, channel)
    plain = [parent, norketamine, _to_hydroxynorketamine(p, shape, norketamine)]
    found = list(plain)
    if "mind" in shape.outputs:
        if shape.linked:
            found += [t and _filtered(t, "lag", p["venous_rate"]) for t in plain]
        found += [parent and _filtered(parent, site, p[f"ke0_{site}"]) for site in SITES]
    return found


def _filtered(transfer: _Transfer, name: str, rate: Array) -> _Transfer:
    return _Transfer(transfer.poles | {name}, transfer.zeros, transfer.gain * rate)


def _depot(transfer: _Transfer | None, number: int, channel: Channel) -> _Transfer | None:
    return (
        transfer if transfer is None or channel.ka is None else _filtered(transfer, f"ka{number}", channel.ka)
    )


def build(p: Parameters, shape: Shape, channels: tuple[Channel, ...], wanted: Wanted = None) -> System:
    """The system of these members. Parameters in L, L/h, h, 1/h, each (members,); `wanted` outputs, None for all."""
    parts = _parts(p, shape, channels)
    kept = [o for o, name in enumerate(shape.outputs) if wanted is None or name in wanted]
    needed = {*kept, *(o - 3 for o in kept if shape.linked and 3 <= o < 6)}
    found = [
        [_depot(t, n, c) if o in needed else None for o, t in enumerate(_transfers(p, shape, parts, c))]
        for n, c in enumerate(channels)
    ]
    pole_mask = np.array(
        [[[t is not None and n in t.poles for n in parts.names] for t in row] for row in found]
    )
    zero_mask = np.array(
        [[[t is not None and n in t.zeros for n in parts.zero_names] for t in row] for row in found]
    )
    none = np.zeros(len(parts.poles))
    gain = np.stack([np.stack([t.gain if t else none for t in row], 1) for row in found], 1)
    pair = np.array(list(_pairs(parts.names)), np.int8)
    weights, error = kernel.weigh(parts.poles, pair, parts.zeros, zero_mask, pole_mask, gain)
    mask = _mix(p, shape, weights, pole_mask)[:, kept]
    index, outputs = np.argsort(~mask, axis=2, kind="stable"), tuple(shape.outputs[o] for o in kept)
    return System(
        shape,
        parts.poles,
        pair,
        np.ascontiguousarray(weights[:, :, kept]),
        index,
        np.ascontiguousarray(mask.sum(2)),
        error,
        channels,
        p,
        outputs,
    )


def _pairs(names: tuple[str, ...]) -> Iterator[int]:
    before = ""
    for name in names:
        if name.startswith("to "):
            yield kernel.SECOND if name == before else kernel.FIRST
        else:
            yield kernel.SIMPLE
        before = name


def _mix(p: Parameters, shape: Shape, weights: Array, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Venous levels out of arterial and lagging ones, and their own factors; weights change in place."""
    if shape.linked:
        share = p["venous_share"][:, None, None]
        for o in range(3):
            weights[:, :, 3 + o] = share * weights[:, :, o] + (1 - share) * weights[:, :, 3 + o]
            mask[:, 3 + o] |= mask[:, o]
    for o, name in enumerate(shape.outputs):
        if f"times {name}" in p:
            weights[:, :, o] *= p[f"times {name}"][:, None, None]
    return mask
