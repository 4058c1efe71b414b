"""The numbers that gate a dose and its preparation, by policy, each with its reason, source and verified mark."""

from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values
from lowtide.data.vocabulary import word


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One policy number: value, unit, reason, source; unverified means a default nobody has approved yet."""

    value: Decimal
    unit: str
    verified: bool
    why: str
    source: tuple[str, ...] = ()


class Dosing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The values in force under one policy; the units are in the names. `unverified` names the defaults among them."""

    policy: str
    version: str
    order_weight_max_age_days: Decimal
    review_weight_kg: Decimal
    review_bmi_kg_per_m2: Decimal
    review_mg_per_kg: Decimal
    review_mg_per_kg_per_h: Decimal
    long_infusion_min_h: Decimal
    session_max_h: Decimal
    review_low_mg_per_kg: Decimal
    review_low_mg_per_kg_per_h: Decimal
    review_mg_per_kg_po: Decimal
    look_again_times: Decimal
    dose_step_mg: Decimal
    dose_fine_step_mg: Decimal
    rounding_tolerance: Decimal
    pump_step_ml_per_h: Decimal
    max_mg_per_kg_per_min: Decimal
    infusion_min_minutes: Decimal
    must_dilute_mg_per_ml: Decimal
    iv_max_mg_per_ml: Decimal
    undiluted_iv_max_mg_per_ml: Decimal
    base_per_hydrochloride: Decimal
    preparation_check_iv: Decimal
    preparation_check_injection: Decimal
    preparation_check_device: Decimal
    preparation_check_portion: Decimal
    preparation_check_tolerance: Decimal
    syringe_step_ml: Decimal
    draw_tolerance: Decimal
    device_gap_min: Decimal
    injection_site_max_ml_im: Decimal
    injection_site_max_ml_sc: Decimal
    portion_tolerance: Decimal
    made_up_use_h: Decimal
    session_hour: Decimal
    unverified: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    profiles: dict[str, dict[str, Decimal]]
    numbers: dict[str, Number]


@cache
def numbers() -> dict[str, Number]:
    """Every number by name, as printed in the manual and approved by the clinical lead."""
    return _file().numbers


def dosing(policy: str = "default") -> Dosing:
    """The numbers under `policy` (default, strict, payer), with this clinic's own. Raises BadInput for an unknown one."""
    return _dosing(word("policy", policy), *own.of("dosing"))


@cache
def _dosing(name: str, own_values: Values, settled: frozenset[str]) -> Dosing:
    values = {key: number.value for key, number in numbers().items()} | _file().profiles[name]
    values |= {key: Decimal(value) for key, value in own_values if key in values}
    open_ = tuple(n for n in unverified(*numbers()) if n not in settled)
    return msgspec.convert({"policy": name, "version": _version(), "unverified": open_, **values}, Dosing)


def unverified(*names: str) -> tuple[str, ...]:
    """Those of the named numbers that are defaults nobody has approved."""
    return tuple(name for name in names if not numbers()[name].verified)


def _version() -> str:
    return f"{_file().version}+{read.digest('dosing.toml')}"


@cache
def _file() -> _File:
    return read.toml("dosing.toml", _File)
