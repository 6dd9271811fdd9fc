"""The painter: from a seed to a picture of a family at dinner, with the exact mask of each person in it."""

from dataclasses import dataclass

import numpy as np
import skia
from numpy.typing import NDArray

from models.dataset.brush import Layer, canvas_on
from models.dataset.dabs import dab_over
from models.dataset.family import Family, sample_family
from models.dataset.figure import Figure, cut_out, draw_figure
from models.dataset.room import Room
from models.dataset.scene import SIDE
from models.dataset.table import Table
from models.dataset.traits import Role, Traits

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, half-open."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person in a painting: who it is, which pixels show it, and where."""

    role: Role
    mask: NDArray[np.bool_]
    """Shape (size, size): true where this person, and nothing in front of it, is painted."""
    box: Box
    """The tight box of `mask`."""
    head: Box
    """The box of the bare skull, which hair and hats may exceed, kept inside the picture."""


@dataclass(frozen=True, slots=True)
class Painting:
    """One picture: uint8 RGB of shape (size, size, 3), and its people: mom, dad, brother, sister."""

    seed: int
    image: NDArray[np.uint8]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where one person sits: the point between the eyes, scene units, and scene units a figure unit."""

    who: int
    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class _Camera:
    """A view of the scene: size in pixels, zoom about the middle, tilt in degrees, shift in scene units."""

    size: int
    zoom: float
    tilt: float
    shift: tuple[float, float]

    def matrix(self) -> skia.Matrix:
        k = self.size / SIDE
        matrix = skia.Matrix.Scale(k, k)
        matrix.preTranslate(SIDE / 2 + self.shift[0], SIDE / 2 + self.shift[1])
        matrix.preRotate(self.tilt)
        matrix.preScale(self.zoom, self.zoom)
        matrix.preTranslate(-SIDE / 2, -SIDE / 2)
        return matrix

    def layer(self) -> tuple[Layer, skia.Canvas]:
        """An empty layer and a canvas on it in scene units."""
        layer = np.zeros((self.size, self.size, 4), np.uint8)
        canvas = canvas_on(layer, 1.0)
        canvas.concat(self.matrix())
        return layer, canvas


def cut_outs(seed: int, width: int) -> tuple[Layer, ...]:
    """The family of `seed`, each person alone from head to lap, in the order mom, dad, brother, sister.

    Straight RGBA (h, w, 4), painted for a column `width` pixels wide and usually a little wider than it.
    """
    family = sample_family(seed)
    scale = width * 1.25 / 100
    return tuple(cut_out(draw_figure(t, family.scheme, family.side, scale).whole()) for t in family.people)


def _seating(family: Family, rng: np.random.Generator, table_y: float) -> list[_Seat]:
    """Four seats behind the table in a shuffled order; the outer two sit a little nearer. Far ones first."""
    scale = float(rng.uniform(1.2, 1.46))
    gap = scale * float(rng.uniform(80, 88))
    near = float(rng.uniform(1.0, 1.12))
    seats = []
    for place, who in enumerate(rng.permutation(4).tolist()):
        traits = family.people[who]
        outer = place in (0, 3)
        k = scale * (near if outer else 1.0) * float(rng.uniform(0.97, 1.03))
        x = SIDE / 2 + (place - 1.5) * gap + float(rng.uniform(-5, 5))
        # The table's edge crosses each figure just above the elbows.
        y = table_y + (8.0 if outer else 0.0) - k * (_elbow(traits) - float(rng.uniform(2, 6)))
        seats.append(_Seat(who, x, y, k))
    return sorted(seats, key=lambda seat: seat.scale)


def _elbow(traits: Traits) -> float:
    """How far below the eyes the elbows of a figure lie, in units."""
    grown = float(np.clip((traits.age - 5) / 13, 0, 1))
    return traits.face.drop * 0.96 + traits.neck + 68 * (112 + 26 * grown) / 138


def _lay(picture: Layer, layer: Layer) -> None:
    """Lays a premultiplied layer over the picture, in place."""
    keep = 255 - layer[..., 3:].astype(np.uint16)
    picture[...] = layer + ((picture * keep + 127) // 255).astype(np.uint8)


def _place(camera: _Camera, seat: _Seat, figure: Figure, part: Layer) -> Layer:
    """One part of a figure as a layer of the picture."""
    layer, canvas = camera.layer()
    canvas.translate(seat.x, seat.y)
    canvas.scale(seat.scale / figure.scale, seat.scale / figure.scale)
    canvas.translate(-figure.origin[0], -figure.origin[1])
    image = skia.Image.fromarray(part, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas.drawImage(image, 0, 0, skia.SamplingOptions(skia.CubicResampler.Mitchell()))
    return layer


def _head_box(camera: _Camera, seat: _Seat, figure: Figure) -> Box:
    x0, y0, x1, y1 = ((v - o) / figure.scale * seat.scale for v, o in zip(figure.head, figure.origin * 2,
        strict=True))
    matrix = camera.matrix()
    box = matrix.mapRect(skia.Rect(seat.x + x0, seat.y + y0, seat.x + x1, seat.y + y1))
    low, high = 0, camera.size
    return (
        min(high, max(low, round(box.left()))),
        min(high, max(low, round(box.top()))),
        min(high, max(low, round(box.right()))),
        min(high, max(low, round(box.bottom()))),
    )


def _tight(mask: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise AssertionError("a person is hidden altogether; the seating is wrong")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def paint(seed: int, size: int) -> Painting:
    """Paints the family of `seed` at dinner, seen from the front, `size` pixels square (32 at least).

    The same seed and size give the same bytes; another size gives the same scene.
    """
    if size < 32:
        raise ValueError(f"a painting is at least 32 px a side, not {size}")
    family = sample_family(seed)
    rng = np.random.default_rng([seed, 5])
    far = float(rng.uniform(308, 360))
    near = min(478.0, far + float(rng.uniform(92, 145)))  # a high camera sees more of the table
    seats = _seating(family, rng, far)
    camera = _Camera(
        size, float(rng.uniform(1.04, 1.16)), float(np.clip(rng.normal(0, 1.7), -4, 4)),
        (float(rng.uniform(-8, 8)), float(rng.uniform(2, 14))),
    )
    room = Room(seed, family.scheme, family.side, far)
    table = Table(seed, family.scheme, family.side, far, near, tuple(sorted(seat.x for seat in seats)))
    pixels = size / SIDE * camera.zoom

    def dabbed(layer: Layer, passes: tuple[tuple[float, float, float], ...], stream: int) -> Layer:
        dab_over(layer, pixels, np.random.default_rng([seed, stream]), passes)
        return layer

    picture, canvas = camera.layer()
    room.draw(canvas)
    for seat in seats:
        if seat.who % 2 == seed % 2 or seed % 3:
            half = family.people[seat.who].shoulders * seat.scale * 0.92
            room.draw_chair(canvas, seat.x, seat.y + seat.scale * (family.people[seat.who].face.drop + 16),
                            half)
    dabbed(picture, ((24.0, 7.5, 0.75), (12.0, 5.0, 0.6)), 30)
    owner = np.zeros((size, size), np.uint8)
    figures = [draw_figure(family.people[s.who], family.scheme, family.side, s.scale * pixels) for s in seats]
    bodies = [_place(camera, s, f, f.body) for s, f in zip(seats, figures, strict=True)]
    for seat, body in zip(seats, bodies, strict=True):
        _lay(picture, body)
        owner[body[..., 3] >= 128] = seat.who + 1
    cloth, canvas = camera.layer()
    table.draw_cloth(canvas)
    dabbed(cloth, ((20.0, 6.5, 0.7), (10.0, 4.5, 0.5)), 31)
    _lay(picture, cloth)
    owner[cloth[..., 3] >= 128] = 0
    for i, (seat, figure) in enumerate(zip(seats, figures, strict=True)):
        arms = _place(camera, seat, figure, figure.arms)
        # Above the table, whoever sits nearer hides the arms of whoever sits farther.
        behind = np.max([body[..., 3] for body in bodies[i + 1 :]], axis=0) if i < 3 else np.zeros_like(owner)
        hidden = np.where(cloth[..., 3] >= 128, 0, behind).astype(np.uint16)
        arms = ((arms * (255 - hidden)[..., None] + 127) // 255).astype(np.uint8)
        _lay(picture, arms)
        owner[arms[..., 3] >= 128] = seat.who + 1
    things, canvas = camera.layer()
    table.draw_things(canvas)
    dabbed(things, ((8.0, 3.4, 0.55),), 32)
    _lay(picture, things)
    owner[things[..., 3] >= 128] = 0
    canvas = canvas_on(picture, 1.0)
    canvas.concat(camera.matrix())
    room.draw_light(canvas)
    people = []
    for who, role in enumerate(Role):
        index = next(i for i, seat in enumerate(seats) if seat.who == who)
        mask = owner == who + 1
        people.append(Person(role, mask, _tight(mask), _head_box(camera, seats[index], figures[index])))
    return Painting(seed, np.ascontiguousarray(picture[..., :3]), tuple(people))
