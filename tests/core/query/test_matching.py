"""Which images a query finds, held against a plain look at each instance."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.instance_rows import notes_of, rows_of
from core.project import LabelSummary
from core.query import Query, Term, instances_found, matches, matching_rows, parse, table_of
from core.types import (
    ImageLabels,
    ImageState,
    Instance,
    InstanceState,
    LabelClass,
    Part,
    Split,
)

JEANS, SHIRT = LabelClass(1, "Jeans", "#111111"), LabelClass(7, "shirt", "#222222")
CLASSES = (JEANS, SHIRT)
PREDICTED, DRAWN = InstanceState.PREDICTED, InstanceState.DRAWN


@dataclass(frozen=True)
class Image:
    """An image and the instances in it."""

    key: str
    instances: tuple[Instance, ...] = ()
    state: ImageState = ImageState.STARTED

    @property
    def summary(self) -> LabelSummary:
        rows = rows_of(self.instances).tobytes()
        return LabelSummary(self.state, rows=rows, notes=notes_of(self.instances))


def instance(
    class_id: int = 1,
    state: InstanceState = PREDICTED,
    *,
    score: float | None = None,
    side: float = 10,
    n_parts: int = 1,
    crowd: bool = False,
    note: str = "",
) -> Instance:
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]])
    aside = np.array([2 * side, 0])
    parts = tuple(Part(corners + place * aside) for place in range(n_parts))
    attributes = {"note": note} if note else {}
    return Instance(
        f"{id(corners):x}", class_id, parts, state, score, crowd=crowd, attributes=attributes
    )


IMAGES = (
    Image("street/a.jpg", (instance(1, score=0.5), instance(7, DRAWN, side=100))),
    Image("street/b.jpg", (instance(7, score=0.3, n_parts=2), instance(1, score=0.9))),
    Image("shop/c.jpg", (instance(7, DRAWN, crowd=True, note="Torn knee"),), ImageState.DONE),
    Image("shop/d.jpg", state=ImageState.DONE),
    Image("new.jpg", state=ImageState.UNTOUCHED),
)
SPLITS = {"shop/c.jpg": Split.VAL, "shop/d.jpg": Split.TRAIN}


def found(query: Query | str, images: tuple[Image, ...] = IMAGES) -> str:
    """The last letters of the names of what is found."""
    query = parse(query) if isinstance(query, str) else query
    keys = [one.key for one in images]
    summaries = {one.key: one.summary for one in images if one.state is not ImageState.UNTOUCHED}
    table = table_of(keys, summaries, classes=CLASSES, splits=SPLITS)
    there = matches(query, table)
    assert there.shape == (len(images),)
    return "".join(
        key.rpartition("/")[2][0] for key, is_found in zip(keys, there, strict=True) if is_found
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "abcdn"),
        ("STREET", "ab"),
        ("street b.", "b"),
        ("-street", "cdn"),
        ("class:jeans", "ab"),
        ("class:SHIRT", "abc"),
        ("class:nothing", ""),
        ("class:jeans,shirt", "abc"),
        ("score<0.5", "b"),
        ("score<=0.5", "ab"),
        ("score=0.5", "a"),
        ("area>5000", "a"),
        ("area=200 parts>1", "b"),
        ("state:drawn", "ac"),
        ("crowd:yes", "c"),
        ("crowd:no", "ab"),
        ("note:KNEE", "c"),
        ('note:"torn knee"', "c"),
        ("note:hole,torn", "c"),
        ("image:done", "cd"),
        ("-image:done", "abn"),
        ("image:untouched,started", "abn"),
        ("split:val", "c"),
        ("split:none", "abn"),
        ("instances=0", "dn"),
        ("instances>1 street", "ab"),
    ],
)
def test_a_query_finds(text: str, expected: str) -> None:
    assert found(text) == expected


def test_terms_about_instances_hold_for_one_and_the_same() -> None:
    assert found("class:jeans score<0.6") == "a"
    assert found("class:shirt state:predicted") == "b"


def test_a_negated_term_beside_another_is_about_the_same_instance() -> None:
    assert found("class:shirt -state:drawn") == "b"
    assert found("class:jeans -score<0.6") == "b"


def test_negated_terms_alone_hold_where_no_instance_is_so() -> None:
    assert found("-class:jeans") == "cdn"
    assert found("-class:jeans -class:shirt") == "dn"
    assert found("image:done -crowd:yes") == "d"


def test_no_images_are_no_trouble() -> None:
    assert found("class:jeans -x instances>1", ()) == ""


def test_the_instances_themselves_are_found() -> None:
    image = IMAGES[0]
    table = table_of([image.key], {image.key: image.summary}, classes=CLASSES, splits={})
    assert matching_rows(parse("class:shirt"), table).tolist() == [False, True]
    assert matching_rows(parse("-class:shirt"), table).tolist() == [True, False]


def test_a_score_is_found_as_it_is_shown() -> None:
    image = Image("a.jpg", (instance(score=0.8749), instance(score=0.8651), instance(score=0.88)))
    table = table_of([image.key], {image.key: image.summary}, classes=CLASSES, splits={})
    assert matching_rows(parse("score:0.87"), table).tolist() == [True, True, False]
    assert matching_rows(parse("score:0.8749"), table).tolist() == [True, False, False]


COMPARE: Mapping[str, object] = {"=": operator.eq, "<": operator.lt, ">=": operator.ge}


def plain(term: Term, one: Instance) -> bool:
    """Whether a term holds for an instance, without any table."""
    if term.field == "class":
        name = {1: "jeans", 7: "shirt"}[one.class_id]
        holds = name in term.values
    elif term.field == "state":
        holds = one.state in term.values
    else:
        value = one.score if term.field == "score" else len(one.parts)
        holds = value is not None and COMPARE[term.operator](value, float(term.values[0]))
    return holds is not term.is_negated


TERMS = st.one_of(
    st.builds(Term, st.just("class"), st.just("="), st.sampled_from([("jeans",), ("shirt",)])),
    st.builds(Term, st.just("state"), st.just("="), st.sampled_from([("predicted",), ("drawn",)])),
    st.builds(
        Term, st.just("score"), st.sampled_from(sorted(COMPARE)),
        st.sampled_from([("0.2",), ("0.5",)]), st.booleans(),
    ),
    st.builds(
        Term, st.just("parts"), st.sampled_from(sorted(COMPARE)), st.just(("1",)), st.booleans()
    ),
)  # fmt: skip
INSTANCES = st.builds(
    instance,
    st.sampled_from([1, 7]),
    st.sampled_from([PREDICTED, DRAWN]),
    score=st.sampled_from([None, 0.1, 0.2, 0.5, 0.9]),
    n_parts=st.integers(1, 2),
)


@given(
    st.lists(TERMS, min_size=1, max_size=3),
    st.lists(st.lists(INSTANCES, max_size=3), max_size=4),
)
def test_the_table_finds_what_a_plain_look_finds(
    terms: list[Term], rows: list[list[Instance]]
) -> None:
    images = tuple(Image(f"{place}", tuple(some)) for place, some in enumerate(rows))
    if all(term.is_negated for term in terms):
        expected = [all(plain(t, i) for t in terms for i in one.instances) for one in images]
    else:
        expected = [any(all(plain(t, i) for t in terms) for i in one.instances) for one in images]
    names = "".join(one.key for one, is_there in zip(images, expected, strict=True) if is_there)
    assert found(Query(tuple(terms)), images) == names


def test_words_are_looked_for_in_classes_and_notes_of_the_instances_of_one_image() -> None:
    image = (instance(1), instance(7, score=0.3), instance(7, DRAWN, note="Torn jeans"))
    labels = ImageLabels((500, 500), image, ImageState.DONE)

    def found_in(text: str) -> list[bool]:
        return instances_found(parse(text), labels, classes=CLASSES)

    assert found_in("jeans") == [True, False, True]
    assert found_in("-jeans") == [False, True, False]
    assert found_in("shirt score<0.5") == [False, True, False]
    assert found_in("image:done class:shirt") == [False, True, True]
    assert found_in("image:started") == [False, False, False]
    assert found_in("instances=3 class:jeans") == [True, False, False]
