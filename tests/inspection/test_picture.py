"""The memory plan as SVG and as a sketch of letters."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from edgekit.inspection.handover import Handover, given, taken
from edgekit.inspection.picture import FILLS, HEIGHT, LEFT, SCRATCH_FILL, TOP, WIDEST, draw_plan
from edgekit.inspection.sketch import HEIGHT as ROWS
from edgekit.inspection.sketch import sketch
from tests.inspection.plans import ARENA, FIRST, INPUT, LAST, LAYERS, PLAN, SECOND, buffer

SVG = "{http://www.w3.org/2000/svg}"


def drawn() -> dict[str, ElementTree.Element]:
    """The buffers' groups by their tooltips' first word."""
    root = ElementTree.fromstring(draw_plan(PLAN, ARENA, LAYERS))
    assert root.tag == f"{SVG}svg"
    groups = root.findall(f"{SVG}g")
    titles = [group.findtext(f"{SVG}title") or "" for group in groups]
    return {title.split(":")[0]: group for title, group in zip(titles, groups, strict=True)}


def points(group: ElementTree.Element) -> set[tuple[float, float]]:
    polygon = group.find(f"{SVG}polygon")
    assert polygon is not None
    pairs = (pair.split(",") for pair in polygon.attrib["points"].split())
    return {(float(x), float(y)) for x, y in pairs}


def place(column: int, offset: int) -> tuple[float, float]:
    return float(LEFT + WIDEST * column), round(TOP + HEIGHT * (1 - offset / ARENA), 1)


def test_every_buffer_has_a_shape_with_a_tooltip() -> None:
    groups = drawn()
    assert len(groups) == len(PLAN)
    text = groups["net/a&Relu"].findtext(f"{SVG}title")
    assert text == "net/a&Relu: 300 bytes at 0 to 300, layers 0 to 1 (CONV_2D → RELU)"
    assert groups["net/a&Relu"].attrib["data-text"] == text


def test_a_rectangle_is_where_and_when_the_buffer_is() -> None:
    corners = {place(0, 300), place(1, 300), place(1, 400), place(0, 400)}
    assert points(drawn()["serving<input>"]) == corners


def test_a_handover_is_slanted() -> None:
    assert given(FIRST, PLAN) == taken(SECOND, PLAN) == [Handover(0, 200)]
    assert given(INPUT, PLAN) == taken(FIRST, PLAN) == given(LAST, PLAN) == []
    groups = drawn()
    assert points(groups["net/b"]) == {place(1, 0), place(2, 200), place(3, 200), place(3, 0)}
    corners = {place(0, 0), place(1, 0), place(2, 200), place(2, 300), place(0, 300)}
    assert points(groups["net/a&Relu"]) == corners


def test_colours() -> None:
    fills = {name: g.find(f"{SVG}polygon").attrib["fill"] for name, g in drawn().items()}  # type: ignore[union-attr]
    assert fills.pop("scratch") == SCRATCH_FILL
    assert set(fills.values()) <= set(FILLS)
    assert len(set(fills.values())) == len(fills)


def test_labels_have_room() -> None:
    texts = {name: [t.text for t in g.findall(f"{SVG}text")] for name, g in drawn().items()}
    assert texts["net/a&Relu"] == ["net/a&Relu", "300"]
    assert texts["net/c"] == []  # 10 bytes are too thin for one


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert draw_plan(PLAN, ARENA, LAYERS) == draw_plan(PLAN, ARENA, LAYERS)


def test_sketch() -> None:
    lines = sketch(PLAN, ARENA, len(LAYERS)).splitlines()
    picture, legend = lines[:ROWS], lines[ROWS:]
    assert max(map(len, lines)) <= 80
    assert picture[0].startswith("      400 ")
    rows = [line[10:] for line in picture]
    wide = 68 // 3
    columns = ["".join(row[c * wide] for row in reversed(rows)) for c in range(3)]
    assert columns == ["A" * 9 + "C" * 3, "B" * 6 + "A" * 3 + "···", "B" * 6 + "D" + "·" * 5]
    assert legend[0].split() == ["A", "net/a&Relu", "300", "B", "net/b", "200"]


def test_sketch_of_many_layers_and_of_none() -> None:
    many = tuple(buffer(f"t{i}", 0, 100, i, i + 1) for i in range(199))
    lines = sketch(many, 100, 200).splitlines()
    assert max(map(len, lines)) <= 80
    assert sketch((), 0, 0) == ""
