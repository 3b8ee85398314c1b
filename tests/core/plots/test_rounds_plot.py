"""Numbers from round to round as SVG."""

from xml.etree import ElementTree

from core.plots.rounds import RoundsPanel, rounds_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*panels: RoundsPanel) -> ElementTree.Element:
    return ElementTree.fromstring(rounds_svg(panels, title="AP & effort"))


def words(svg: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


def points(svg: ElementTree.Element) -> list[list[float]]:
    line = svg.find(f"{SVG}polyline")
    assert line is not None
    return [list(map(float, one.split(","))) for one in line.get("points", "").split()]


def test_the_highest_value_is_at_the_top_and_half_of_it_half_way() -> None:
    svg = drawn(RoundsPanel("AP", ("1", "2"), (20.0, 40.0)))
    (x0, half), (x1, top) = points(svg)
    assert x0 < x1
    assert (half, top) == (135, 54)
    assert {"20.0", "40.0", "AP", "1", "2"} <= set(words(svg))


def test_what_was_not_measured_is_na_and_no_point() -> None:
    svg = drawn(RoundsPanel("AP", ("1", "2", "3"), (20.0, None, 40.0)))
    assert len(points(svg)) == 2
    assert words(svg).count("n/a") == 1


def test_panels_lie_beside_each_other() -> None:
    svg = drawn(RoundsPanel("AP", ("1",), (0.0,)), RoundsPanel("<edits>", ("1",), (None,)))
    assert svg.get("width") == "840"
    assert "<edits>" in words(svg)


def test_no_round_is_a_plot_too() -> None:
    assert words(drawn(RoundsPanel("AP", (), ()))) == ["AP"]
