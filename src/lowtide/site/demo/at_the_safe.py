"""What the stories of the demonstration take from the safe, and what became of it."""

from datetime import datetime
from uuid import UUID

from lowtide.record.entries.care import OrderSigned
from lowtide.site.demo import safe
from lowtide.site.demo.telling import told


class AtTheSafe:
    """The part of a story that happens at the safe."""

    patient_id: UUID

    @told
    def draw(self, at: datetime, number: int) -> None:
        safe.draw(at, self.patient_id, self._session(number), self._order(number))

    @told
    def account(self, at: datetime, number: int) -> None:
        safe.account(at, self._session(number), self._order(number))

    def _session(self, number: int) -> UUID:
        raise NotImplementedError

    def _order(self, number: int) -> OrderSigned:
        raise NotImplementedError
