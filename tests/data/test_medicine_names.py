"""Real-world names of medicines, of America, Britain and the continent, are recognised; look-alikes never confused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.codes import (
    medicine_called,
    medicine_classes,
    medicine_names,
    medicine_spellings,
    named_medicines,
    parts_of,
    recognise_medicine,
)
from lowtide.data.rules import interactions
from lowtide.data.spellings import alike, plain, spellings

WRITTEN = {
    "Ativan 1mg tab BID prn": "lorazepam", "Temesta": "lorazepam", "LORAZÉPAM Mylan 2,5 mg": "lorazepam",
    "Klonopin 0.5 mg": "clonazepam", "Rivotril drops": "clonazepam", "Xanor": "alprazolam",
    "Stesolid rectal": "diazepam", "Frisium 10": "clobazam", "Ambien CR 12.5mg": "zolpidem",
    "Stilnox": "zolpidem", "Zimovane 7.5mg nocte": "zopiclone", "OxyNorm 5 mg": "oxycodone",
    "MST Continus 10mg": "morphine", "Polamidon": "methadone", "Zydol SR": "tramadol",
    "Concerta XL 36 mg": "methylphenidate", "Medikinet": "methylphenidate", "Méthylphénidate LP": "methylphenidate",
    "Elvanse Adult 50mg": "lisdexamfetamine", "Adderall XR": "amfetamine", "Dexamphetamine": "dexamfetamine",
    "Jatrosom 20": "tranylcypromine", "Nardil": "phenelzine", "Manerix": "moclobemide", "Emsam patch": "selegiline",
    "sertraline50mg": "sertraline", "Lustral": "sertraline", "Sertralin-1A Pharma 100": "sertraline",
    "Cipralex": "escitalopram", "Efexor XL 150mg": "venlafaxine", "Trevilor retard": "venlafaxine",
    "Yentreve": "duloxetine", "Elontril": "bupropion", "Wellbutrin® XL": "bupropion", "Camcolit 400": "lithium",
    "Quilonum retard": "lithium", "LaMICtal 200 mg": "lamotrigine", "Lamotrigin-ratiopharm": "lamotrigine",
    "lamotrigina": "lamotrigine", "Epilim Chrono": "valproic acid", "Depakine": "valproic acid",
    "Divalproex Sodium 500 MG Delayed Release": "valproic acid", "Timonil": "carbamazepine",
    "Epanutin": "phenytoin", "Leponex 100": "clozapine", "Ebixa": "memantine",
    "PK-Merz": "amantadine", "Robitussin DM": "dextromethorphan", "Nalorex": "naltrexone", "Xyrem": "sodium oxybate",
    "Stemetil": "prochlorperazine", "Phenergan": "promethazine", "Catapresan 75": "clonidine", "Dixarit": "clonidine",
    "Nuelin SA": "theophylline", "Theo-24": "theophylline", "Phyllocontin": "aminophylline",
    "L-Thyroxin Henning 75": "levothyroxine", "Otrivine": "xylometazoline", "Klaricid": "clarithromycin",
    "Rifadin": "rifampicin", "Jarsin 300": "st john's wort", "St. John’s Wort": "st john's wort",
    "Millepertuis": "st john's wort", "Ticlid": "ticlopidine", "Istin": "amlodipine", "Beloc-Zok": "metoprolol",
    "Apresoline": "hydralazine", "Zofran ODT 4 mg": "ondansetron", "Ketanest S": "esketamine",
}  # fmt: skip
TWINS = [
    ("clonidine", "clonazepam"), ("lamotrigine", "lamivudine"), ("hydroxyzine", "hydralazine"),
    ("bupropion", "buspirone"), ("tramadol", "trazodone"), ("lamictal", "lamisil"), ("celexa", "celebrex"),
    ("seroquel", "serzone"), ("risperidone", "ropinirole"), ("topamax", "toprol"), ("xanax", "zantac"),
    ("naloxone", "naltrexone"), ("ticlopidine", "clopidogrel"), ("klonopin", "clonidine"),
    ("amantadine", "amiodarone"), ("chlorpromazine", "clomipramine"),
]  # fmt: skip
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.hazard("H032")
@pytest.mark.parametrize(("text", "name"), WRITTEN.items(), ids=lambda x: x)
def test_a_medicine_is_recognised_however_it_is_written(text: str, name: str) -> None:
    found = recognise_medicine(text)
    assert found is not None
    assert found.name == name


@pytest.mark.hazard("H032")
@pytest.mark.parametrize(("one", "other"), TWINS, ids=lambda x: x)
def test_look_alikes_are_two_medicines(one: str, other: str) -> None:
    [(_, first)], [(_, second)] = named_medicines(one), named_medicines(other)
    assert first.name != second.name


@pytest.mark.hazard("H032")
@given(
    st.sampled_from(sorted(name for name in medicine_spellings() if len(name) > 4)),
    st.integers(0, 40),
    LETTERS,
)
def test_a_name_with_a_wrong_letter_is_never_taken_for_it(name: str, place: int, letter: str) -> None:
    wrong = name[: place % len(name)] + letter + name[place % len(name) + 1 :]
    for word, medicine in named_medicines(wrong):
        assert word in plain(wrong).split() or f" {word} " in f" {plain(wrong)} "
        assert medicine == medicine_spellings()[word]
    if wrong not in medicine_spellings() and " " not in wrong:
        assert recognise_medicine(wrong) is None


@pytest.mark.hazard("H032")
def test_no_spelling_of_another_language_takes_the_name_of_another_medicine() -> None:
    for name in medicine_names():
        found = medicine_called(name)
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Suboxone 8 mg/2 mg", ["buprenorphine", "naloxone"]),
        ("Percocet", ["oxycodone", "paracetamol"]),
        ("Auvelity", ["dextromethorphan", "bupropion"]),
        ("co-codamol 30/500", ["codeine", "paracetamol"]),
        ("sertraline", ["sertraline"]),
    ],
)
def test_a_combination_is_its_ingredients(text: str, parts: list[str]) -> None:
    found = recognise_medicine(text)
    assert found is not None
    assert [part.name for part in parts_of(found)] == parts


def test_a_combination_is_in_every_class_of_its_ingredients() -> None:
    for name in medicine_names():
        whole = medicine_called(name)
        assert whole is not None
        for part in parts_of(whole):
            assert part.classes <= whole.classes


def test_every_interaction_can_be_met_by_a_medicine_of_the_table() -> None:
    classes = {key for name in medicine_names() if (m := medicine_called(name)) for key in m.classes}
    asked = [key for key in medicine_classes() if any(f"'{key}'" in i.when for i in interactions().values())]
    assert set(asked) <= classes


def test_names_that_are_mistaken_for_one_another_are_names_of_the_table() -> None:
    assert {name for group in spellings().alike for name in group.names} <= set(medicine_names())
    assert "clonidine" in alike("clonazepam")
