"""Whether a pump runs what was ordered (pure): its rate in mL/h or in mg/h, its strength, its volume."""

from decimal import Decimal

from lowtide.data.chair import chair
from lowtide.pathway.course.ordered import pump
from lowtide.pathway.session.rules.readings import Value
from lowtide.record.entries.care import OrderSigned

Values = dict[str, Value]


def against_order(values: Values, order: OrderSigned | None) -> Values:
    """`pump_matches_order`, where the pump told a rate and there is an order."""
    rate, dose_rate = values.get("rate_ml_per_h"), values.get("rate_mg_per_h")
    if order is None or (rate is None and dose_rate is None):
        return {}
    ordered = pump(order)
    made_up = ordered.mg_per_ml(order.dose_mg) if ordered else None
    found = [rate in (None, 0, order.rate_ml_per_h)]
    if dose_rate:
        wanted = made_up * ordered.rate_ml_per_h if made_up and ordered else Decimal(0)
        found.append(not beyond(abs(Decimal(dose_rate) - wanted), wanted))
    if ordered and made_up and (rate or dose_rate):
        strength = Decimal(values.get("concentration_mg_per_ml", made_up))
        volume = Decimal(values.get("vtbi_ml", 0))
        found.append(not beyond(abs(strength - made_up), made_up))
        found.append(not beyond(volume - ordered.final_volume_ml, ordered.final_volume_ml))
    return {"pump_matches_order": all(found)}


def beyond(apart: Decimal, of: Decimal) -> bool:
    """Further apart than what a pump rounds."""
    return apart > of * chair().numbers["pump_within_pct"].value / 100
