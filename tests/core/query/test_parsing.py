"""What a person types becomes terms, or a sentence with the place of the mistake."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.query import FIELDS, Query, Term, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("Street", (Term("", "=", ("street",)),)),
        ("img_2 -night", (Term("", "=", ("img_2",)), Term("", "=", ("night",), True))),
        ('"two words"', (Term("", "=", ("two words",)),)),
        ("img-2", (Term("", "=", ("img-2",)),)),
        ("class:Jeans", (Term("class", "=", ("jeans",)),)),
        ('class:"blue jeans"', (Term("class", "=", ("blue jeans",)),)),
        ("class=jeans,shirt", (Term("class", "=", ("jeans", "shirt")),)),
        ('class:"a, b",c', (Term("class", "=", ("a, b", "c")),)),
        ("-CLASS:jeans", (Term("class", "=", ("jeans",), True),)),
        ("score<0.6", (Term("score", "<", ("0.6",)),)),
        ("score<62.5%", (Term("score", "<", ("0.625",)),)),
        ("area>=5e3", (Term("area", ">=", ("5e3",)),)),
        ("state:predicted", (Term("state", "=", ("predicted",)),)),
        ("image:done split:none", (Term("image", "=", ("done",)), Term("split", "=", ("none",)))),
    ],
)
def test_a_text_becomes_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parse(text) == Query(terms)


@pytest.mark.parametrize(
    ("text", "part_of_the_sentence"),
    [
        ("a klass:jeans", "“klass” is nothing that can be asked for (character 3)"),
        ("score<high", "“high” is no number (character 1)"),
        ("score<nan", "“nan” is no number"),
        ("score<60", "or score<60%"),
        ("area<60%", "“60%” is no number"),
        ("x score<", "After “score” comes nothing (character 3)"),
        ("class:", "Write class:jeans."),
        ("class:a,,b", "comes nothing"),
        ("class<jeans", "“class” is no number and cannot be compared with <"),
        ("state:maybe", "Write one of predicted, accepted, edited, drawn."),
        ("score<0.1,0.2", "compared with several numbers"),
        ('a "b', "A quotation mark is open (character 3)"),
        ("a -", "A minus stands alone (character 3)"),
        ('""', "There is nothing in the quotes"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, part_of_the_sentence: str) -> None:
    with pytest.raises(AppError) as told:
        parse(text)
    assert part_of_the_sentence in str(told.value)


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_a_sentence(text: str) -> None:
    with contextlib.suppress(AppError):
        assert all(term.values for term in parse(text).terms)


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_of_each_field_can_be_asked(name: str) -> None:
    (term,) = parse(FIELDS[name].example).terms
    assert term.field == name


def test_only_a_query_about_more_than_paths_needs_labels() -> None:
    assert not parse("street -night").needs_labels
    assert parse("street image:done").needs_labels
