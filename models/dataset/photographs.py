"""Photographs of dinners, painted: four to seven people at a table, with the exact pixels that show each one.

They stand in for a scraped folder. Unlike the paintings they are not aligned: how many sit there, where, how
large and in how many rows, the frame, the light and the lens all differ from one to the next.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from models.dataset.brush import Layer, canvas_on
from models.dataset.dabs import dab_over
from models.dataset.family import sample_family
from models.dataset.figure import Figure, draw_figure
from models.dataset.room import Room
from models.dataset.scene import SIDE
from models.dataset.table import Table
from models.dataset.traits import Traits

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, half-open."""

MIN_SIDE = 64
FEWEST, MOST = 4, 7
ASPECTS = (4 / 3, 3 / 2, 16 / 9, 1.0, 3 / 4)
HIDDEN_HEAD = 0.35
"""No head is covered or out of the frame by more than this share: nobody could count it."""


@dataclass(frozen=True, slots=True)
class Diner:
    """One person in a photograph."""

    label: int
    """The value of this person's pixels in `Photograph.labels`, from 1."""
    box: Box
    """The tight box of those pixels."""
    head: Box
    """The box of the bare skull, kept inside the photograph."""
    visible: float
    """How much of the figure, from head to lap, can be seen: 0 to 1. The table hides a third of most."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A photograph and who is in it. `image` is uint8 RGB (h, w, 3); `labels` uint8 (h, w), 0 for nobody."""

    seed: int
    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    people: tuple[Diner, ...]


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where one person is: the point between the eyes in scene units, and scene units a figure unit."""

    traits: Traits
    x: float
    y: float
    scale: float
    back: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """What of the scene the photograph shows, in scene units, and the tilt of the camera, in degrees."""

    x: float
    y: float
    width: float
    height: float
    tilt: float

    def matrix(self, pixels: float) -> skia.Matrix:
        """From scene units to pixels, at `pixels` a unit."""
        matrix = skia.Matrix.Scale(pixels, pixels)
        matrix.preTranslate(self.width / 2, self.height / 2)
        matrix.preRotate(self.tilt)
        matrix.preTranslate(-self.x - self.width / 2, -self.y - self.height / 2)
        return matrix


def _tall(traits: Traits) -> tuple[float, float]:
    """How far below the eyes the elbows and the end of the painted lap are, in figure units."""
    grown = float(np.clip((traits.age - 5) / 13, 0, 1))
    shoulders, tall = traits.face.drop * 0.96 + traits.neck, 112 + 26 * grown
    return shoulders + 68 * tall / 138, shoulders + tall


def _row(
    rng: np.random.Generator,
    cast: list[Traits],
    frame: _Frame,
    far: float,
    scale: float,
    gap: float,
    back: bool,
) -> list[_Seat]:
    """People side by side, `gap` figure units apart, somewhere along the width of the frame."""
    step = gap * scale
    span = step * (len(cast) - 1)
    slack = max(0.0, frame.width - span - 70 * scale)
    x = frame.x + (frame.width - span - slack) / 2 + slack * float(rng.uniform(0, 1))
    seats = []
    for i, traits in enumerate(cast):
        k = scale * float(rng.uniform(0.92, 1.08))
        elbow, lap = _tall(traits)
        standing = back or rng.random() < 0.15
        # The table hides the end of the lap, and crosses who sits just above the elbows.
        lift = elbow + (float(rng.uniform(25, 75)) if standing else float(rng.uniform(-12, 14)))
        lift = min(lift, lap - 8)
        seats.append(_Seat(traits, x + step * i + k * float(rng.uniform(-9, 9)), far - k * lift, k, back))
    return seats


def _hidden_head(seat: _Seat, nearer: list[_Seat], frame: _Frame) -> float:
    """The share of a head that other people cover or the frame cuts off."""
    face = seat.traits.face
    ys, xs = np.mgrid[-0.95:1:0.1, -0.95:1:0.1]
    inside = xs**2 + ys**2 < 1
    x = seat.x + seat.scale * face.width * xs[inside]
    tall = (face.crown + face.drop) / 2
    y = seat.y + seat.scale * (face.drop - tall + tall * ys[inside])
    hidden = (x < frame.x) | (x > frame.x + frame.width) | (y < frame.y) | (y > frame.y + frame.height)
    for other in nearer:
        k, f = other.scale, other.traits.face
        middle = other.y + k * (f.drop - f.crown) / 2
        across, down = (x - other.x) / (k * f.width * 1.3), (y - middle) / (k * (f.crown + f.drop) * 0.62)
        body = (np.abs(x - other.x) < k * other.traits.shoulders * 1.1) & (y > other.y + k * f.drop)
        hidden |= (across**2 + down**2 < 1) | body
    return float(hidden.mean())


def _arrange(rng: np.random.Generator, cast: list[Traits]) -> tuple[_Frame, float, list[_Seat]]:
    """A frame, the height of the table's far edge, and the seats, far ones first."""
    while True:
        aspect = ASPECTS[int(rng.integers(len(ASPECTS)))]
        long = SIDE / float(rng.uniform(1.0, 1.35))
        width, height = (long, long / aspect) if aspect >= 1 else (long * aspect, long)
        above = height * float(rng.uniform(0.6, 0.88))
        top = float(rng.uniform(max(-25.0, 250.0 - above), max(-20.0, min(540.0 - height, 420.0 - above))))
        frame = _Frame(
            (SIDE - width) / 2 + float(rng.uniform(-12, 12)),
            top,
            width,
            height,
            float(np.clip(rng.normal(0, 1.8), -4.5, 4.5)),
        )
        far = top + above
        behind = int(rng.integers(2, len(cast) - 1)) if rng.random() < (0.75 if len(cast) > 5 else 0.3) else 0
        before = len(cast) - behind
        gap = float(rng.uniform(62, 96))
        room = (above / (225 if behind else 155), width * 0.98 / (gap * (max(before, behind) - 1) + 72))
        scale = min(room) * float(rng.uniform(0.7, 1.06))
        people = [cast[i] for i in rng.permutation(len(cast)).tolist()]
        seats = _row(rng, people[behind:], frame, far, scale, gap, back=False)
        if behind:
            seats += _row(
                rng,
                people[:behind],
                frame,
                far,
                scale * float(rng.uniform(0.82, 0.98)),
                gap * float(rng.uniform(0.95, 1.3)),
                back=True,
            )
        seats.sort(key=lambda seat: (not seat.back, seat.scale))
        if all(_hidden_head(seat, seats[i + 1 :], frame) < HIDDEN_HEAD for i, seat in enumerate(seats)):
            return frame, far, seats


@dataclass(frozen=True, slots=True)
class _Patch:
    """A layer that covers only a part of the photograph, from row `y` and column `x`."""

    x: int
    y: int
    layer: Layer

    @property
    def at(self) -> tuple[slice, slice]:
        return slice(self.y, self.y + self.layer.shape[0]), slice(self.x, self.x + self.layer.shape[1])


def _patch(matrix: skia.Matrix, seat: _Seat, figure: Figure, part: Layer, width: int, height: int) -> _Patch:
    """One part of a figure where the camera sees it."""
    placed = skia.Matrix.Concat(matrix, skia.Matrix())
    placed.preTranslate(seat.x, seat.y)
    placed.preScale(seat.scale / figure.scale, seat.scale / figure.scale)
    placed.preTranslate(-figure.origin[0], -figure.origin[1])
    box = placed.mapRect(skia.Rect(0, 0, part.shape[1], part.shape[0]))
    x0, x1 = (min(width, max(0, v)) for v in (math.floor(box.left()), math.ceil(box.right())))
    y0, y1 = (min(height, max(0, v)) for v in (math.floor(box.top()), math.ceil(box.bottom())))
    layer = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
    canvas = canvas_on(layer, 1.0, -x0, -y0)
    canvas.concat(placed)
    image = skia.Image.fromarray(part, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas.drawImage(image, 0, 0, skia.SamplingOptions(skia.CubicResampler.Mitchell()))
    return _Patch(x0, y0, layer)


def _lay(picture: Layer, labels: NDArray[np.uint8], patch: _Patch, label: int) -> None:
    """Lays a premultiplied patch over the picture, and writes whose pixels are now seen there."""
    under = picture[patch.at]
    keep = 255 - patch.layer[..., 3:].astype(np.uint16)
    under[...] = patch.layer + ((under * keep + 127) // 255).astype(np.uint8)
    labels[patch.at][patch.layer[..., 3] >= 128] = label


def _develop(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What a lens, an exposure and a sensor do to the scene. `image` is RGB and comes back anew."""
    height, width = image.shape[:2]
    long = max(height, width)
    if rng.random() < 0.6:
        spread = max(0.05, long * float(rng.uniform(0, 0.0022)))
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), spread), np.uint8)
    gain = 2.0 ** rng.normal(0, 0.22) * 2.0 ** rng.normal(0, 0.07, 3)
    gamma, contrast = 2.0 ** float(rng.normal(0, 0.2)), float(rng.uniform(0.75, 1.2))
    levels = np.arange(256)[:, None] / 255
    tone = np.clip((levels**gamma * gain - 0.45) * contrast + 0.45, 0, 1)
    image = np.asarray(cv2.LUT(image, np.round(tone * 255).astype(np.uint8)[None]), np.uint8)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    color = 0.0 if rng.random() < 0.04 else float(rng.uniform(0.55, 1.15))
    image = np.asarray(cv2.addWeighted(image, color, grey, 1 - color, 0), np.uint8)
    # Grain is drawn coarse enough to be the same at any size.
    shape = (round(height * 512 / long), round(width * 512 / long), 3)
    grain = rng.normal(0, float(rng.uniform(0, 5)), shape).astype(np.float32)
    grain = np.asarray(cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    dim = float(rng.uniform(0, 0.35))
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    vignette = 1 - dim * (x * x + y * y)[..., None] / 2
    return np.clip(np.round(image * vignette + grain), 0, 255).astype(np.uint8)


def tight(mask: NDArray[np.bool_]) -> Box:
    """The smallest box that holds every true pixel; there must be one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise AssertionError("a person is hidden altogether; the arrangement is wrong")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _head(matrix: skia.Matrix, seat: _Seat, figure: Figure, width: int, height: int) -> Box:
    x0, y0, x1, y1 = (
        (v - o) / figure.scale * seat.scale for v, o in zip(figure.head, figure.origin * 2, strict=True)
    )
    box = matrix.mapRect(skia.Rect(seat.x + x0, seat.y + y0, seat.x + x1, seat.y + y1))
    xs = [min(width, max(0, round(v))) for v in (box.left(), box.right())]
    ys = [min(height, max(0, round(v))) for v in (box.top(), box.bottom())]
    return xs[0], ys[0], xs[1], ys[1]


def photograph(seed: int, size: int) -> Photograph:
    """Paints the photograph of `seed`, its longer side `size` pixels (64 at least).

    The same seed and size give the same bytes; another size gives the same scene.
    """
    if size < MIN_SIDE:
        raise ValueError(f"a photograph is at least {MIN_SIDE} px on its longer side, not {size}")
    rng = np.random.default_rng([seed, 40])
    # Two families share the table, one palette and one light.
    first, second = sample_family(2 * seed), sample_family(2 * seed + 1)
    many = int(rng.integers(FEWEST, MOST + 1))
    frame, far, seats = _arrange(rng, [*first.people, *second.people][:many])
    pixels = size / max(frame.width, frame.height)
    width, height = round(frame.width * pixels), round(frame.height * pixels)
    matrix = frame.matrix(pixels)

    def layer() -> tuple[Layer, skia.Canvas]:
        blank = np.zeros((height, width, 4), np.uint8)
        canvas = canvas_on(blank, 1.0)
        canvas.concat(matrix)
        return blank, canvas

    def dabbed(painted: Layer, passes: tuple[tuple[float, float, float], ...], stream: int) -> _Patch:
        dab_over(painted, pixels, np.random.default_rng([seed, stream]), passes)
        return _Patch(0, 0, painted)

    near = far + float(rng.uniform(60, 130))
    room = Room(seed, first.scheme, first.side, far)
    places = sorted(seat.x for seat in seats if not seat.back)
    table = Table(seed, first.scheme, first.side, far, near, tuple(places))
    picture, canvas = layer()
    room.draw(canvas)
    for seat in seats:
        if rng.random() < 0.5 and not seat.back:
            room.draw_chair(
                canvas,
                seat.x,
                seat.y + seat.scale * (seat.traits.face.drop + 16),
                seat.traits.shoulders * seat.scale * 0.92,
            )
    dabbed(picture, ((24.0, 7.5, 0.75), (12.0, 5.0, 0.6)), 41)
    labels = np.zeros((height, width), np.uint8)
    figures = [draw_figure(s.traits, first.scheme, first.side, s.scale * pixels) for s in seats]
    bodies = [_patch(matrix, s, f, f.body, width, height) for s, f in zip(seats, figures, strict=True)]
    arms = [_patch(matrix, s, f, f.arms, width, height) for s, f in zip(seats, figures, strict=True)]
    for i, seat in enumerate(seats):
        _lay(picture, labels, bodies[i], i + 1)
        if seat.back:
            _lay(picture, labels, arms[i], i + 1)
    cloth, canvas = layer()
    table.draw_cloth(canvas)
    _lay(picture, labels, dabbed(cloth, ((20.0, 6.5, 0.7), (10.0, 4.5, 0.5)), 42), 0)
    for i, seat in enumerate(seats):
        if not seat.back:
            # Above the table, whoever sits nearer hides the arms of whoever sits farther.
            behind = np.zeros((height, width), np.uint8)
            for body in bodies[i + 1 :]:
                np.maximum(behind[body.at], body.layer[..., 3], out=behind[body.at])
            behind[cloth[..., 3] >= 128] = 0
            shown = (255 - behind[arms[i].at].astype(np.uint16))[..., None]
            part = ((arms[i].layer * shown + 127) // 255).astype(np.uint8)
            _lay(picture, labels, _Patch(arms[i].x, arms[i].y, part), i + 1)
    things, canvas = layer()
    table.draw_things(canvas)
    _lay(picture, labels, dabbed(things, ((8.0, 3.4, 0.55),), 43), 0)
    canvas = canvas_on(picture, 1.0)
    canvas.concat(matrix)
    room.draw_light(canvas)
    people = []
    for i, (seat, figure) in enumerate(zip(seats, figures, strict=True)):
        mask = labels == i + 1
        whole = np.count_nonzero(np.maximum(figure.body[..., 3], figure.arms[..., 3]) >= 128)
        seen = np.count_nonzero(mask) / (whole * (seat.scale * pixels / figure.scale) ** 2)
        people.append(Diner(i + 1, tight(mask), _head(matrix, seat, figure, width, height), min(1.0, seen)))
    image = _develop(np.ascontiguousarray(picture[..., :3]), rng)
    return Photograph(seed, image, labels, tuple(people))
