"""Lists of names as people say them."""

import pytest

from core.wording import counted, listed, one_line


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "none"), (1, "a"), (5, "a, b, c, d, e"), (7, "a, b, c, d, e and 2 more")],
)
def test_the_first_names_are_listed_and_the_rest_counted(count: int, said: str) -> None:
    assert listed("abcdefgh"[:count]) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_one_is_said_in_the_singular(n: int, said: str) -> None:
    assert counted(n, "image") == said


def test_a_text_of_somebody_else_is_shown_without_what_garbles_a_sentence() -> None:
    assert one_line("a\u202eb\nc\x1bd") == "a?b?c?d"
    assert one_line("x" * 500, most=3) == "xxx ..."
