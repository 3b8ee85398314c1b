"""YAML that anyone may have written."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.plain_yaml import PlainYamlError, plain_yaml

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)
LAUGHS = "\n".join(
    ["a0: &a0 [x, y]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30))]
)


@given(PLAIN)
def test_plain_values_are_read_as_yaml_says(value: object) -> None:
    assert plain_yaml(yaml.safe_dump(value)) == value


def test_a_value_may_stand_for_another_one() -> None:
    assert plain_yaml("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LAUGHS, "nested or long"),
        ("a: &a {x: 1}\nb: {<<: *a}", "merges"),
        ("a: &a [*a]", "nested in itself"),
        ("[" * 100_000, "nested too deeply"),
        ("{a: " * 100_000, "nested too deeply"),
        ("- " * 100_000, "nested too deeply"),
        ("[" + "1," * 500_000 + "]", "nested or long"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
        ("a: !mine 3", "could not determine a constructor"),
        ("a: " + "9" * 5000, "a number that is longer"),
        ("a: 0x" + "f" * 5000, "a number that is longer"),
        ("a: 1" + ":59" * 300_000, "a number that is longer"),
        ("a: 1" + ":59" * 30_000 + ".5", "a number that is longer"),
        ("a: !!int {=: 1" + ":59" * 300_000 + "}", "a number that is longer"),
        ("a: &x " + "y" * 900_000 + "\nb: [" + "*x, " * 10_000 + "]", "nested or long"),
        ("a: 2001-99-99", "no YAML"),
        ("? [a, b]\n: 1", "a key is no text"),
        ("? {a: b}\n: 1", "a key is no text"),
        ("a: [", "line 1"),
        ("a: 1\n---\nb: 2", "another document"),
        ("a: \x07", "no YAML"),
        ("*gone", "undefined alias"),
        ("!!bool x", "no YAML"),
        ("!!int x", "no YAML"),
        ("!!timestamp x", "no YAML"),
    ],
    ids=lambda text: text[:12] if len(text) < 5000 else f"{text[:12]} {len(text)}",
)
def test_what_is_not_plain_ends_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(PlainYamlError, match=why):
        plain_yaml(text)
