"""Questionnaires: answers item by item where they are here, totals where they are not; suicidality always comes in."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lowtide.record.entries.care import Answers, Total
from tests.exchange.making import Json, bodies, concept, observation, quantity, read

PHQ9 = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"]
WORDS = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
CODES = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]
POINTS = [2, 2, 1, 3, 0, 1, 2, 0, 1]


def response(items: list[Json], **more: object) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": {"reference": "Patient/1"},
        "authored": "2026-11-20T08:00:00Z",
        "item": items,
    } | more


def answered(
    answers: list[Json], links: list[str] | None = None, texts: list[str] | None = None
) -> list[Json]:
    names = links or [f"/{code}" for code in PHQ9]
    items = [{"linkId": link, "answer": [a]} for link, a in zip(names, answers, strict=True)]
    return [i | {"text": t} for i, t in zip(items, texts, strict=True)] if texts else items


def coded(points: list[int] = POINTS) -> list[Json]:
    return [{"valueCoding": {"system": "http://loinc.org", "code": CODES[p]}} for p in points]


def answers(resource: Json, *others: Json) -> Answers:
    (body,) = bodies(read(resource, *others))
    assert isinstance(body, Answers)
    return body


EXPECTED = {str(n): p for n, p in enumerate(POINTS, 1)}


@pytest.mark.parametrize(
    "given",
    [
        coded(),
        [{"valueInteger": p} for p in POINTS],
        [{"valueDecimal": p} for p in POINTS],
        [{"valueString": WORDS[p]} for p in POINTS],
        [{"valueCoding": {"system": "http://x.example", "code": WORDS[p].replace(" ", "-")}} for p in POINTS],
        [
            {
                "valueCoding": {
                    "code": f"a{p}",
                    "extension": [
                        {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": p}
                    ],
                }
            }
            for p in POINTS
        ],
    ],
    ids=["LOINC codes", "integers", "decimals", "words", "own codes", "ordinal values"],
)
def test_a_phq9_is_read_item_by_item_however_it_is_answered(given: list[Json]) -> None:
    (said,) = read(response(answered(given))).said
    assert said.body == Answers(instrument="PHQ9", version="import", items=EXPECTED, mode="import")
    assert said.at == datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_items_are_known_by_how_their_text_begins() -> None:
    texts = [
        "Little interest or pleasure in doing things?",
        "Feeling down, depressed, or hopeless?",
        "Trouble falling or staying asleep",
        "Feeling tired",
        "Poor appetite or overeating",
        "Feeling bad about yourself - or that you are a failure",
        "Trouble concentrating on things",
        "Moving or speaking so slowly that others noticed",
        "Thoughts that you would be better off dead",
    ]
    links = [f"Q{n}" for n in range(1, 10)]
    assert answers(response(answered(coded(), links, texts))).items == EXPECTED


def test_items_are_known_by_the_questionnaire_they_answer() -> None:
    links = [f"q{n}" for n in range(1, 10)]
    form = {
        "resourceType": "Questionnaire",
        "id": "x",
        "item": [
            {
                "linkId": link,
                "type": "choice",
                "code": concept(code)["coding"],
                "answerOption": [
                    {
                        "extension": [
                            {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": p}
                        ],
                        "valueCoding": {"code": f"o{p}"},
                    }
                    for p in range(4)
                ],
            }
            for link, code in zip(links, PHQ9, strict=True)
        ],
    }
    given = [{"valueCoding": {"code": f"o{p}"}} for p in POINTS]
    found = answers(response(answered(given, links), questionnaire="Questionnaire/x|1.0"), form)
    assert found.items == EXPECTED


def test_a_form_left_half_way_is_not_complete() -> None:
    found = answers(response(answered(coded()), status="in-progress"))
    assert (found.items, found.complete) == (EXPECTED, False)


@pytest.mark.hazard("H026")
def test_the_suicidality_item_comes_in_even_alone() -> None:
    found = answers(response(answered(coded([1]), ["/44260-8"])))
    assert (found.items, found.complete) == ({"9": 1}, False)


@pytest.mark.hazard("H026")
def test_the_suicidality_item_comes_in_even_without_a_date() -> None:
    given = response(answered(coded()))
    del given["authored"]
    (said,) = read(given).said
    assert isinstance(said.body, Answers)
    assert (said.body.items["9"], said.at) == (1, None)


@pytest.mark.hazard("H026")
def test_an_answer_nobody_can_read_is_named() -> None:
    given = [*coded()[:8], {"valueString": "sometimes"}]
    (body,) = bodies(read(response(answered(given))))
    assert isinstance(body, Answers)
    assert (body.unread, body.complete, len(body.items)) == (("9",), False, 8)


def test_too_few_items_are_kept_and_not_scored() -> None:
    reading = read(response(answered(coded([1, 2]), ["/44250-9", "/44255-8"])))
    assert reading.kept_because == "no questionnaire Lowtide can score"


def test_a_positive_screener_of_suicide_risk_comes_in() -> None:
    yes = {"valueCoding": {"system": "http://loinc.org", "code": "LA33-6"}}
    found = answers(response(answered([yes, {"valueBoolean": False}], ["/93246-7", "/93247-5"])))
    assert (found.instrument, found.items) == ("CSSRS", {"1": 1, "2": 0})


# -- observations ---------------------------------------------------------------------------------------------


def item(number: int, points: int) -> Json:
    return observation(PHQ9[number - 1], f"i{number}", valueCodeableConcept=concept(CODES[points]))


def panel(*members: Json) -> Json:
    references = [{"reference": f"Observation/{m['id']}"} for m in members]
    return observation("44249-1", "panel", hasMember=references)


ITEMS = [item(n, p) for n, p in enumerate(POINTS, 1)]


@pytest.mark.parametrize(
    "value",
    [{"valueQuantity": quantity(12, "{score}")}, {"valueInteger": 12}, {"valueString": "12"}],
)
def test_a_total_without_items_is_a_total(value: Json) -> None:
    assert bodies(read(observation("44261-6", **value))) == [Total(instrument="PHQ9", value=Decimal(12))]


@pytest.mark.parametrize("value", [{"valueInteger": 28}, {"valueInteger": -1}, {"valueString": "high"}])
def test_a_total_that_cannot_be_is_kept(value: Json) -> None:
    reading = read(observation("44261-6", **value))
    assert reading.said == ()
    assert "no total of PHQ9" in (reading.kept_because or "")


def test_a_panel_gathers_its_members() -> None:
    assert answers(panel(*ITEMS), *ITEMS).items == EXPECTED


def test_a_panel_gathers_its_components() -> None:
    parts = [{"code": concept(PHQ9[n]), "valueInteger": p} for n, p in enumerate(POINTS)]
    assert answers(observation("44249-1", component=parts)).items == EXPECTED


def test_a_member_of_a_panel_is_counted_once() -> None:
    assert read(ITEMS[8], *ITEMS, panel=panel(*ITEMS)).kept_because == "counted with its panel"


def test_a_total_is_worked_out_where_all_items_are_here() -> None:
    total = observation("44261-6", "total", valueInteger=3)
    assert read(total, *ITEMS, panel=panel(*ITEMS)).kept_because == "the total is worked out from the items"


def test_a_total_is_taken_where_items_are_missing() -> None:
    total = observation("44261-6", "total", valueInteger=12)
    assert bodies(read(total, *ITEMS[:3], panel=panel(*ITEMS))) == [
        Total(instrument="PHQ9", value=Decimal(12))
    ]


@pytest.mark.hazard("H026")
def test_the_suicidality_item_as_an_observation_comes_in_alone() -> None:
    found = answers(item(9, 2))
    assert (found.items, found.complete) == ({"9": 2}, False)


def test_another_item_alone_is_kept() -> None:
    assert read(item(1, 2)).kept_because == "1 of 9 items of PHQ9: too few to score"


def test_what_was_derived_from_answers_is_not_counted_again() -> None:
    total = observation("44261-6", valueInteger=12, derivedFrom=[{"reference": "QuestionnaireResponse/q1"}])
    reading = read(total, response(answered(coded())))
    assert reading.kept_because == "read from the questionnaire response it was derived from"
