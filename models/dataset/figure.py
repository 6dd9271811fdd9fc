"""A person on transparent ground: the order in which the parts of a figure are painted, and the cut-out."""

import math
from dataclasses import dataclass

import numpy as np
import skia

from models.dataset.body import Body
from models.dataset.brush import Layer, canvas_on, curve, fill, line, oval
from models.dataset.dabs import dab_over
from models.dataset.face import Head
from models.dataset.features import draw_features
from models.dataset.hair import Coiffure
from models.dataset.hat import Hat
from models.dataset.palette import Color, Scheme, lighten, mix
from models.dataset.traits import Traits

UNITS_ACROSS, UNITS_ABOVE, UNITS_BELOW = 132.0, 78.0, 228.0
"""A figure fits in a field this wide, this far above its eyes and this far below them, in units."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One painted person: `body` and, to be laid over a table, `arms`: premultiplied RGBA layers of one size.

    `origin` is the point between the eyes of an upright head, in pixels; `scale` is pixels a unit. `head`
    is the box of the bare skull (x0, y0, x1, y1) in pixels.
    """

    body: Layer
    arms: Layer
    origin: tuple[float, float]
    scale: float
    head: tuple[float, float, float, float]

    def whole(self) -> Layer:
        """Body and arms in one layer, shape (height, width, 4)."""
        keep = 255 - self.arms[..., 3:].astype(np.uint16)
        return (self.arms + (self.body * keep + 127) // 255).astype(np.uint8)


def draw_figure(traits: Traits, scheme: Scheme, side: float, scale: float) -> Figure:
    """Paints one person at `scale` pixels a unit, lit from `side`."""
    width, height = math.ceil(UNITS_ACROSS * scale), math.ceil((UNITS_ABOVE + UNITS_BELOW) * scale)
    origin = (UNITS_ACROSS / 2 * scale, UNITS_ABOVE * scale)
    shade, light = scheme.shade, scheme.light
    body, arms = np.zeros((height, width, 4), np.uint8), np.zeros((height, width, 4), np.uint8)
    torso, head = Body(traits, side, shade, light), Head(traits, side, shade, light)
    coiffure = Coiffure(head, shade, light)
    canvas = canvas_on(body, scale, *origin)
    floor = skia.Rect(-UNITS_ACROSS, -UNITS_ABOVE, UNITS_ACROSS, torso.bottom)
    canvas.clipRect(floor, doAntiAlias=True)
    lean, tilt = traits.look.lean, traits.look.tilt

    def enter_head() -> None:
        canvas.save()
        canvas.translate(lean, 0)
        canvas.rotate(tilt, 0, traits.face.drop * 0.8)

    enter_head()
    coiffure.draw_back(canvas)
    canvas.restore()
    torso.draw_torso(canvas)
    enter_head()
    head.draw_forms(canvas)
    coiffure.draw_beard(canvas)
    coiffure.draw_front(canvas)
    Hat(head, shade, light).draw(canvas)
    canvas.restore()
    turn = math.radians(tilt)
    pivot = traits.face.drop * 0.8

    def placed(x: float, y: float) -> tuple[float, float]:
        dy = y - pivot
        cos, sin = math.cos(turn), math.sin(turn)
        return lean + x * cos - dy * sin, pivot + x * sin + dy * cos

    eye = traits.face.eye
    calm = [(*placed(head.eye(s)[0], head.eye_y), eye * 1.25, eye * 1.05) for s in (1.0, -1.0)]
    calm.append((*placed(head.middle, head.mouth_y), 13.0, 8.0))
    rng = np.random.default_rng([traits.seed, 3])
    dab_over(body, scale, rng, ((12.0, 4.0, 0.72), (7.0, 2.7, 0.62)), calm, origin)
    enter_head()
    draw_features(canvas, head, traits.hair.color)
    coiffure.draw_moustache(canvas)
    _wear(canvas, head, traits, shade)
    canvas.restore()
    over = canvas_on(arms, scale, *origin)
    over.clipRect(floor, doAntiAlias=True)
    torso.draw_arms(over)
    dab_over(arms, scale, rng, ((7.0, 2.7, 0.6),), (), origin)
    cx, cy = placed(0.0, 0.0)
    w, c, d = traits.face.width, traits.face.crown, traits.face.drop
    box = (origin[0] + (cx - w) * scale, origin[1] + (cy - c) * scale, origin[0] + (cx + w) * scale,
           origin[1] + (cy + d) * scale)
    return Figure(body, arms, origin, scale, box)


def _wear(canvas: skia.Canvas, head: Head, traits: Traits, shade: Color) -> None:
    """Glasses and earrings."""
    f, side = traits.face, head.side
    if traits.earrings:
        for s in (1.0, -1.0):
            if s * head.yaw > 0.35:
                continue
            x, y = s * f.width * 1.03, f.drop * 0.2 + 10
            gem = traits.clothes.neck_color
            fill(canvas, oval(x, y + 1, 3.0, 3.6), mix(gem, shade, 0.4))
            fill(canvas, oval(x + side * 0.5, y + 0.5, 2.0, 2.5), lighten(gem, 0.15))
    if traits.glasses == "none":
        return
    rim = mix((0.3, 0.16, 0.12), shade, 0.5) if traits.seed % 3 else mix((0.75, 0.56, 0.2), shade, 0.25)
    ends = []
    for s in (1.0, -1.0):
        x, short = head.eye(s)
        y, rx, ry = head.eye_y + 1.0, f.eye * 1.16 * short, f.eye * 1.0
        match traits.glasses:
            case "round":
                lens = oval(x, y, rx, rx / short)
            case "square":
                lens = curve([(x - rx, y - ry * 0.8), (x + rx, y - ry * 0.8), (x + rx * 0.9, y + ry * 0.9),
                              (x - rx * 0.9, y + ry * 0.9)], tension=0.35)
            case _:
                lens = curve([(x - s * rx, y - ry * 0.5), (x + s * rx * 0.6, y - ry * 0.9),
                              (x + s * rx * 1.35, y - ry * 1.25),
                              (x + s * rx * 0.95, y + ry * 0.5), (x, y + ry * 0.95), (x - s * rx * 0.85,
                                  y + ry * 0.5)], tension=0.8)
        fill(canvas, lens, (0.9, 0.95, 1.0), 0.13)
        line(canvas, lens, rim, 2.2, 0.95)
        glint = curve([(x + side * rx * 0.35, y - ry * 0.6), (x + side * rx * 0.65, y - ry * 0.1)],
                      closed=False)
        line(canvas, glint, (1.0, 1.0, 0.97), 1.6, 0.7)
        ends.append((x - s * rx, y - 2))
        line(canvas, curve([(x + s * rx, y - 2), (s * f.width * 0.99, y - 3)], closed=False), rim, 1.8, 0.9)
    line(canvas, curve([ends[0], ((ends[0][0] + ends[1][0]) / 2, ends[0][1] - 1.8), ends[1]], closed=False),
         rim, 2.0, 0.95)


def cut_out(figure: Layer) -> Layer:
    """A layer cropped to what is painted on it, as straight (not premultiplied) RGBA."""
    seen = figure[..., 3] > 8
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    part = figure[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint16)
    alpha = np.maximum(part[..., 3:], 1)
    part[..., :3] = np.minimum(255, (part[..., :3] * 255 + alpha // 2) // alpha)
    return part.astype(np.uint8)
