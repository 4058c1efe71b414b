"""Leaving: what is missing leads to where it is mended, and leaving against advice is written down as that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from lowtide.pathway.session.actions import dosing as pump
from lowtide.record.entries.chair import Discharged
from tests.pathway.session.conftest import Care
from tests.safe.conftest import Bench

SignIn = Callable[..., Client]


@pytest.fixture
def watched(new_care: Callable[..., Care]) -> Care:
    """The dose ended twenty minutes ago; nothing was scored since."""
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=60))
    care.prepare()
    care.begin()
    pump.stop(care.act(40), delivered_ml=Decimal(50), complete=True)
    return care


def base(care: Care) -> str:
    return f"/patients/{care.patient}/sessions/{care.session}"


def post(client: Client, address: str, **fields: object) -> int:
    page = client.get(address).content.decode()
    entry_id = page.partition('name="entry_id" value="')[2].partition('"')[0]
    return client.post(address, {"entry_id": entry_id, **fields}).status_code


@pytest.mark.hazard("H022")
def test_what_is_missing_is_said_with_the_way_to_it(watched: Care, sign_in: SignIn) -> None:
    page = sign_in("nurse").get(f"{base(watched)}/leave").content.decode()
    assert f"{base(watched)}/enter/bp" in page
    assert f"{base(watched)}/enter/aldrete" in page
    assert "met at" in page


@pytest.mark.hazard("H026")
def test_not_safe_to_go_leads_to_the_checklist(watched: Care, sign_in: SignIn) -> None:
    client, address = sign_in("nurse"), f"{base(watched)}/leave"
    entry_id = client.get(address).content.decode().partition('name="entry_id" value="')[2].partition('"')[0]
    answer = client.post(address, {"entry_id": entry_id, "ask_cssrs_repeated": "no"})
    assert answer.status_code == 422
    assert "Not safe to go" in answer.content.decode()


@pytest.mark.hazard("H022")
def test_leaving_against_advice_keeps_who_advised_what_was_told_and_how_it_was_signed(
    watched: Care, sign_in: SignIn
) -> None:
    client, address = sign_in("nurse"), f"{base(watched)}/leave/against-advice"
    fields = {"advised_by": "Petra Scribe", "risks": ["fall", "driving"], "phone": "555 0142"}
    assert post(client, address, **fields, reason="wants home") == 422
    assert post(client, address, **fields, signature="refused", witness="Sam", reason="wants home") == 302
    left = watched.chart.last(Discharged)
    assert left
    entry, body = left
    assert body.against_advice
    assert body.advice
    assert (body.advice.advised_by, body.advice.risks, body.advice.signature) == (
        "Petra Scribe",
        ("fall", "driving"),
        "refused",
    )
    assert "Left against advice" in sign_in("nurse").get("/today").content.decode()
    page = sign_in("nurse").get(f"/patients/{watched.patient}/left/{entry.id}/call").content.decode()
    assert "555 0142" in page


@pytest.mark.hazard("H022")
def test_whoever_was_planned_to_come_is_not_written_as_having_come(watched: Care, sign_in: SignIn) -> None:
    client, address = sign_in("nurse"), f"{base(watched)}/leave/against-advice"
    assert 'name="escort" value' not in client.get(address).content.decode()
    fields = {"advised_by": "Petra Scribe", "risks": ["fall"], "phone": "555 0142"}
    assert post(client, address, **fields, signature="refused", witness="Sam", reason="wants home") == 302
    left = watched.chart.last(Discharged)
    assert left
    assert not left[1].escort


@pytest.mark.hazard("H036")
def test_leaving_never_waits_for_the_ledger(watched: Care, sign_in: SignIn) -> None:
    from lowtide.safe.actions import session as safe
    from tests.safe.conftest import KEY

    bench = Bench()
    bench.open()
    bench.receive(1)
    safe.draw(bench.act(), key=KEY, quantity=Decimal(1), patient=watched.patient, session=watched.session)
    address = f"{base(watched)}/leave/against-advice"
    fields = {"advised_by": "Petra Scribe", "signature": "gone", "reason": "left while we drew up"}
    assert post(sign_in("nurse"), address, **fields) == 302
    assert watched.chart.last(Discharged)
