"""Whom a device says that it is on: another patient's number keeps it out, a stranger is shown, a name ties nothing."""

import pytest

from lowtide.record.entries.identity import Patient
from tests.exchange.test_device_taking import Bed
from tests.pathway.session.conftest import Care, register

pytestmark = pytest.mark.hazard("H018")


def hears(bed: Bed, pid: str) -> tuple[int, str, str]:
    """(how much was charted, why not, what is doubted) of a message with this PID."""
    bed.taker.take(bed.says(6).replace(b"\rOBR", f"\rPID|{pid}\rOBR".encode()))
    bed.later()
    heard = bed.live.of(bed.device)
    assert heard
    return len(bed.charted()), heard.not_charted, heard.doubt


def number_of(care: Care) -> str:
    found = care.chart.last(Patient)
    assert found
    return str(found[1].identifiers[0].value)


@pytest.mark.parametrize(
    "form", ["||{0}", "||777^^^X~{0}^^^LT^MR", "|{0}|777", "||777|{0}", "|{0}^^^LT", "||{0}^^^LT^MR~778"]
)
def test_another_patients_number_keeps_the_values_out_wherever_it_stands(bed: Bed, form: str) -> None:
    other = number_of(register(bed.care.start, "Otherperson"))
    assert hears(bed, form.format(other)) == (0, "it says that it is on another patient", "")


def test_a_stranger_is_charted_and_shown(bed: Bed) -> None:
    charted, why_not, doubt = hears(bed, "||99887^^^OTHERHOSP||Stranger^Sam||19500101|M")
    assert (charted, why_not) == (2, "")
    assert "Sam Stranger, born 19500101, number 99887" in doubt


@pytest.mark.parametrize("pid", ["||99887", "||||Stranger^Sam", "1|HED12"])
def test_a_number_or_a_name_alone_that_is_not_this_persons_is_shown(bed: Bed, pid: str) -> None:
    assert "look whose values these are" in hears(bed, pid)[2]


@pytest.mark.parametrize("pid", ["", "||||", "||||{family}^{given}", "||||{family}^{given}^Q", "||{number}||Stranger^Sam", "||55^^^MRN||{family}^{given}"])  # fmt: skip
def test_this_persons_own_number_or_name_is_doubted_by_nobody(bed: Bed, pid: str) -> None:
    found = bed.care.chart.last(Patient)
    assert found
    said = pid.format(family=found[1].family, given=found[1].given, number=number_of(bed.care))
    assert hears(bed, said)[1:] == ("", "")


def test_a_number_of_this_person_beside_one_of_another_is_shown(bed: Bed) -> None:
    other = number_of(register(bed.care.start, "Otherperson"))
    assert "another patient's" in hears(bed, f"||{number_of(bed.care)}~{other}")[2]


def test_this_persons_name_with_another_birth_date_is_shown(bed: Bed) -> None:
    found = bed.care.chart.last(Patient)
    assert found
    doubt = hears(bed, f"||||{found[1].family}^{found[1].given}||19010101")[2]
    assert "born 19010101" in doubt
