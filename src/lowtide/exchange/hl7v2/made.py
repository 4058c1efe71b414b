"""Messages as a monitor and a pump write them, for the simulated device (IHE PCD-01, PCD-10)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

_MONITOR = {
    "sbp_mmhg": ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "dbp_mmhg": ("150022^MDC_PRESS_BLD_NONINV_DIA^MDC", "266016^MDC_DIM_MMHG^MDC"),
    "heart_rate_bpm": ("147842^MDC_ECG_HEART_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "spo2_pct": ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "262688^MDC_DIM_PERCENT^MDC"),
    "resp_rate_per_min": ("151562^MDC_RESP_RATE^MDC", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
}
_PUMP = {
    "rate_ml_per_h": ("158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC", "265266^MDC_DIM_MILLI_L_PER_HR^MDC"),
    "rate_mg_per_h": ("157924^MDC_RATE_DOSE^MDC", "265522^MDC_DIM_MILLI_G_PER_HR^MDC"),
    "vtbi_ml": ("157884^MDC_VOL_FLUID_TBI^MDC", "263762^MDC_DIM_MILLI_L^MDC"),
    "delivered_ml": ("157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC", "263762^MDC_DIM_MILLI_L^MDC"),
}


def monitor(
    device: str, number: str, at: datetime, values: Mapping[str, object], pressure_at: datetime
) -> bytes:
    """One message of a bedside monitor; the pressures carry the time of the cuff's last measurement."""
    rows = [
        _row(n, *_MONITOR[name], value, pressure_at if name in ("sbp_mmhg", "dbp_mmhg") else None)
        for n, (name, value) in enumerate(values.items(), 2)
    ]
    return _message(
        "ORU^R01^ORU_R01", device, number, at, "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", rows
    )


def pump(
    device: str,
    number: str,
    at: datetime,
    event: str | None,
    values: Mapping[str, Decimal],
    drug: str,
    mg_per_ml: Decimal | None,
) -> bytes:
    """One message of an infusion pump; `event` is the reference id of what happened, None for a plain report."""
    rows = [f"OBX|2|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.0.0.2|{event}^{event}^MDC||||||R"] if event else []
    rows += [_row(n, *_PUMP[name], value, None) for n, (name, value) in enumerate(values.items(), 3)]
    rows.append(f"OBX|8|ST|184514^MDC_DRUG_NAME_LABEL^MDC|1.1.2.10|{drug}||||||R")
    strength = f"OBX|9|NM|157760^MDC_CONC_DRUG^MDC|1.1.2.11|{mg_per_ml}|264306^MDC_DIM_MILLI_G_PER_ML^MDC^mg/mL^mg/mL^UCUM|||||R"
    rows += [strength] if mg_per_ml is not None else []
    return _message("ORU^R42^ORU_R01", device, number, at, "70049^MDC_DEV_PUMP_INFUS_LVP_MDS^MDC", rows)


def _row(number: int, code: str, unit: str, value: object, at: datetime | None) -> str:
    return f"OBX|{number}|NM|{code}|1.1.{number}.1|{value}|{unit}|||||R|||{_time(at) if at else ''}"


def _message(kind: str, device: str, number: str, at: datetime, what: str, rows: Iterable[str]) -> bytes:
    stamp = _time(at)
    head = f"MSH|^~\\&|SIMULATED|LOWTIDE|||{stamp}||{kind}|{device}-{number}|P|2.6|||NE|AL||UNICODE UTF-8"
    order = f"OBR|1|||{what}|||{stamp}"
    own = f"OBX|1||{what}|1.0.0.0|||||||X|||||||{device}"
    return ("\r".join((head, order, own, *rows)) + "\r").encode()


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")
