"""The demonstration's long infusion: two bags with their labels, a change, a handover, and what the pump counted."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from lowtide.data.giving import way
from lowtide.pathway.session.actions import containers as bags
from lowtide.pathway.session.actions import devices, dosing, handover, preparing
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.containers import Container, containers, ready
from lowtide.pathway.session.rules.drawn import ordered_share
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.preparation import figures
from lowtide.record import store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.devices import DeviceRegistered, PumpTold
from lowtide.safe.actions.session import everywhere
from lowtide.site.demo import safe
from lowtide.site.demo.acting import acting
from lowtide.site.demo.telling import told
from lowtide.virtual.people import SyntheticPerson

MINUTE = timedelta(minutes=1)
PUMP, BAGS = "DEMO-P7", 2
KEPT_BACK_ML = Decimal(2)


class LongInfusion:
    """The part of a story that outlasts a bag and a shift."""

    patient_id: UUID
    stream: str
    person: SyntheticPerson

    @told
    def put_pump_on(self, at: datetime, number: int) -> None:
        known = DeviceRegistered(device=PUMP, label="Pump 7", device_kind="pump")
        if PUMP not in devices.registered():
            store.append(
                [Draft(stream="clinic:main", body=known, by="system:demo", at=at, source=Source.SYSTEM)],
                now=at,
            )
        devices.join(self._act(number, at), device=PUMP, elsewhere={})

    @told
    def make_up(self, at: datetime, number: int) -> None:
        """Draw for one bag, make it up, and let a colleague read it without the order."""
        order = self._order(number)
        assert order.final_volume_ml
        assert order.vial_volume_ml
        share = order.vial_volume_ml / BAGS
        safe.draw_volume(at - MINUTE, self.patient_id, self._session(number), share)
        made = bags.Made(
            container="bag",
            vial_volume_ml=share,
            final_volume_ml=order.final_volume_ml / BAGS,
            diluent="saline",
            draws=(self._undrawn(number),),
        )
        bags.make_up(self._act(number, at), made)
        self._check(at + MINUTE, number)

    @told
    def label_syringe(self, at: datetime, number: int) -> None:
        """An injection is drawn up into a syringe with a label of its own, out of the safe where there is one."""
        order = self._order(number)
        if way(order.product, order.route).form != "injection":
            return
        assert order.vial_volume_ml
        draws = tuple(draw.id for _, _, draw in everywhere(self._session(number)))
        made = bags.Made(
            container="syringe",
            vial_volume_ml=order.vial_volume_ml,
            final_volume_ml=order.vial_volume_ml,
            diluent="none",
            draws=draws,
            lot=None if draws else f"L{self.person.number[-4:]}",
            vial_mg_per_ml=None if draws else order.vial_mg_per_ml,
        )
        bags.make_up(self._act(number, at), made)

    def _undrawn(self, number: int) -> UUID:
        used = {d for c in self._bags(number) for d in c.body.draws}
        return next(d.id for _, _, d in everywhere(self._session(number)) if d.id not in used)

    def _check(self, at: datetime, number: int) -> None:
        made = self._bags(number)[-1].body
        order = ordered_share(self._order(number), made)
        names = {f.name for f in figures(order, labelled=True)} - {"vtbi_ml", "lot"}
        read = {
            "vtbi_ml": order.final_volume_ml or Decimal(0),
            "lot": made.lot,
            **{name: getattr(order, name) for name in names},
        }
        preparing.check_preparation(
            self._act(number, at),
            other=acting("nurse2"),
            prepared_by_me=True,
            typed=self.person.birth_date.isoformat(),
            drug=order.drug,
            read=read,
        )

    @told
    def hang_first(self, at: datetime, number: int) -> None:
        self._weigh_after_midnight(at)
        first = ready(session_facts(store.load(self.stream), self._session(number)))[0]
        rate = self._order(number).rate_ml_per_h
        assert rate
        dosing.start(
            self._act(number, at),
            rate_ml_per_h=rate,
            volume_ml=first.body.final_volume_ml,
            scanned_code=first.body.code,
        )

    @told
    def hang_next(self, at: datetime, number: int) -> None:
        following = ready(session_facts(store.load(self.stream), self._session(number)))[0]
        rate = self._order(number).rate_ml_per_h
        assert rate
        bags.change(
            self._act(number, at),
            residual_ml=KEPT_BACK_ML,
            scanned_code=following.body.code,
            rate_ml_per_h=rate,
        )

    @told
    def account_for_bag(self, at: datetime, number: int) -> None:
        """What was left in the first bag is poured away, as so much of what was drawn for it."""
        body = self._bags(number)[0].body
        rest = (body.vial_volume_ml * KEPT_BACK_ML / body.final_volume_ml).quantize(Decimal("0.001"))
        safe.account_draw(at, body.draw, body.vial_volume_ml - rest, rest)

    @told
    def hand_over(self, at: datetime, number: int) -> None:
        waiting = len(ready(session_facts(store.load(self.stream), self._session(number))))
        handover.hand_over(
            self._act(number, at),
            incoming=acting("nurse2"),
            counted=waiting,
            said="Prefers the light low. The next bag is ready in the tray.",
        )

    @told
    def pump_says(self, at: datetime, number: int, event: str, delivered: str) -> None:
        body = PumpTold(
            device=PUMP,
            event=event,
            rate_ml_per_h=self._order(number).rate_ml_per_h,
            delivered_ml=Decimal(delivered),
            drug="Ketamine",
        )
        devices.told(
            self.stream,
            self._session(number),
            PUMP,
            body,
            key=f"{event} {at.isoformat()}",
            at=at,
            offset=timedelta(),
            now=at,
        )

    def _bags(self, number: int) -> tuple[Container, ...]:
        return containers(session_facts(store.load(self.stream), self._session(number)))

    def _act(self, number: int, at: datetime) -> Act:
        raise NotImplementedError

    def _session(self, number: int) -> UUID:
        raise NotImplementedError

    def _order(self, number: int) -> OrderSigned:
        raise NotImplementedError

    def _weigh_after_midnight(self, start: datetime) -> None:
        raise NotImplementedError
