"""The room behind the family: wallpaper, panelling, chairs, the lamp, and the light it casts."""

import math

import numpy as np
import skia

from models.dataset.brush import (
    Point,
    contour,
    curve,
    fill,
    glow,
    ink,
    limb,
    line,
    oval,
    swell,
    wash,
)
from models.dataset.hangings import Hangings
from models.dataset.palette import Scheme, lighten, mix
from models.dataset.scene import BLEED, SIDE


def _choose(rng: np.random.Generator, options: str, weights: tuple[float, ...] | None = None) -> str:
    names = options.split()
    p = None if weights is None else np.asarray(weights) / sum(weights)
    return names[int(rng.choice(len(names), p=p))]


class Room:
    """One dining room. `table_y` is the far edge of the table, in scene units."""

    def __init__(self, seed: int, scheme: Scheme, side: float, table_y: float) -> None:
        self.rng = np.random.default_rng([seed, 20])
        self.scheme, self.side, self.table_y = scheme, side, table_y
        self.paper = _choose(self.rng, "stripes damask diamonds dots sprigs plain", (2, 2, 1.6, 1, 1.8, 1))
        self.hung = _choose(self.rng, "window frames clock shelf", (2.4, 2, 1.2, 1.2))
        self.lamp = _choose(self.rng, "pendant globe chandelier sconces", (2.5, 1, 1.2, 1))
        self.lamp_x = float(SIDE / 2 + self.rng.uniform(-70, 70))
        self.panel = bool(self.rng.random() < 0.55)
        self.dim = float(self.rng.uniform(0.3, 0.8))
        self.night = bool(self.rng.random() < 0.6)

    def draw(self, canvas: skia.Canvas) -> None:
        """The wall and everything on it."""
        s = self.scheme
        wall = skia.Path()
        wall.addRect(skia.Rect(-BLEED, -BLEED, SIDE + BLEED, SIDE + BLEED))
        lit = (self.lamp_x + self.side * 120, 40.0)
        wash(
            canvas, wall, lit, (SIDE / 2 - self.side * 330, SIDE * 0.75),
            (mix(s.wall, s.light, 0.2), s.wall, mix(s.wall, s.shade, 0.34), mix(s.wall, s.shade, 0.58)),
        )
        self._wallpaper(canvas)
        if self.lamp != "sconces":
            glow(canvas, self.lamp_x, 70, 300, 240, s.light, 0.5)
        if self.panel:
            self._panelling(canvas)
        hangings = Hangings(self.rng, s, self.side, self.night)
        match self.hung:
            case "window":
                hangings.window(canvas)
            case "frames":
                hangings.frames(canvas)
            case "clock":
                hangings.clock(canvas)
            case _:
                hangings.shelf(canvas)
        self._lamp(canvas)

    def _wallpaper(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        ink_a, ink_b = mix(s.wall, s.wall_accent, 0.62), mix(s.wall, s.shade, 0.36)
        pitch = float(rng.uniform(34, 58))
        across = np.arange(-BLEED, SIDE + BLEED, pitch).tolist()
        down = np.arange(-BLEED, SIDE + BLEED, pitch * 1.1).tolist()
        cells = [(x + (pitch / 2 if j % 2 else 0), y) for j, y in enumerate(down) for x in across]
        match self.paper:
            case "stripes":
                for i, x in enumerate(across):
                    line(canvas, curve([(x, -BLEED), (x + 2, SIDE + BLEED)], closed=False), ink_a,
                         pitch * 0.4, 0.6)
                    line(canvas, curve([(x + pitch * 0.36, -BLEED), (x + pitch * 0.36 + 2, SIDE + BLEED)],
                                       closed=False),
                         ink_b if i % 2 else ink_a, 2.0, 0.7)
            case "damask":
                for x, y in cells:
                    for k, color in ((1.0, ink_a), (0.6, ink_b)):
                        r = pitch * 0.36 * k
                        leaf = [(x, y - r * 1.5), (x + r * 0.55, y - r * 0.5), (x + r, y + r * 0.1),
                                (x + r * 0.35, y + r * 0.6), (x, y + r * 1.3),
                                (x - r * 0.35, y + r * 0.6), (x - r, y + r * 0.1), (x - r * 0.55,
                                    y - r * 0.5)]
                        fill(canvas, curve(leaf), color, 0.6)
            case "diamonds":
                for x, y in cells:
                    r = pitch * 0.44
                    fill(canvas, curve([(x, y - r), (x + r * 0.7, y), (x, y + r), (x - r * 0.7, y)],
                                       tension=0.15), ink_a, 0.55)
                    fill(canvas, oval(x, y, 3, 3), ink_b, 0.8)
            case "dots":
                for x, y in cells:
                    fill(canvas, oval(x, y, pitch * 0.15, pitch * 0.15), ink_a, 0.75)
            case "sprigs":
                for j, (x, y) in enumerate(cells):
                    bend = 6 if j % 2 else -6
                    swell(canvas, [(x, y + 14), (x + bend, y + 2), (x, y - 10)], ink_b, 2.4, 0.8)
                    for k in range(5):
                        a = k * math.tau / 5
                        fill(canvas, oval(x + math.cos(a) * 5, y - 12 + math.sin(a) * 5, 3.6, 3.6), ink_a,
                             0.85)
                    fill(canvas, oval(x, y - 12, 2.6, 2.6), s.light, 0.8)
            case _:
                pass

    def _panelling(self, canvas: skia.Canvas) -> None:
        s = self.scheme
        top = self.table_y - float(self.rng.uniform(80, 130))
        wood = mix(mix(s.wall_accent, s.shade, 0.42), (0.5, 0.3, 0.18), 0.35)
        board = skia.Path()
        board.addRect(skia.Rect(-BLEED, top, SIDE + BLEED, SIDE + BLEED))
        wash(canvas, board, (0, top), (0, SIDE), (wood, mix(wood, s.shade, 0.5)))
        for x in np.arange(-BLEED, SIDE + BLEED, 62).tolist():
            line(canvas, curve([(x, top + 12), (x, SIDE)], closed=False), mix(wood, s.shade, 0.5), 3.5, 0.7)
            line(canvas, curve([(x + 4, top + 12), (x + 4, SIDE)], closed=False), lighten(wood, 0.07), 2.0,
                 0.6)
        rail = limb([(-BLEED, top + 3), (SIDE / 2, top + 1), (SIDE + BLEED, top + 4)], (15, 15, 15))
        fill(canvas, rail, lighten(wood, 0.06))
        contour(canvas, rail, mix(wood, s.shade, 0.6), mix(wood, s.light, 0.5), self.side, 2.5)

    # --- light

    def _lamp(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        x, glass = self.lamp_x, mix(s.light, (1.0, 0.99, 0.93), 0.45)
        dark = mix(s.shade, (0.3, 0.2, 0.15), 0.4)
        color = s.wear[int(rng.integers(len(s.wear)))]
        if self.lamp == "sconces":
            for k in (0.08, 0.92):
                sx, sy = SIDE * k, 120.0
                glow(canvas, sx, sy - 10, 150, 150, s.light, 0.6)
                shade = curve([(sx - 13, sy - 30), (sx + 13, sy - 30), (sx + 22, sy + 4), (sx - 22, sy + 4)],
                              tension=0.2)
                wash(canvas, shade, (sx, sy - 30), (sx, sy + 4), (mix(color, glass, 0.5), glass))
                contour(canvas, shade, dark, glass, self.side, 2.5)
                line(canvas, curve([(sx, sy + 4), (sx, sy + 22), (sx - 8, sy + 26)], closed=False), dark, 4)
            return
        canvas.translate(0, 16)
        glow(canvas, x, 60, 150, 120, s.light, 0.4)
        line(canvas, curve([(x, -BLEED * 2), (x, 20)], closed=False), dark, 3)
        match self.lamp:
            case "pendant":
                wide = float(rng.uniform(44, 66))
                bell = [(x - 10, -4), (x + 10, -4), (x + wide * 0.7, 18), (x + wide, 44), (x, 50),
                        (x - wide, 44), (x - wide * 0.7, 18)]
                path = curve(bell, tension=0.7)
                wash(canvas, path, (x, -4), (x, 50), (mix(color, s.shade, 0.25), color, mix(color, s.light,
                    0.55)))
                contour(canvas, path, mix(color, s.shade, 0.6), mix(color, s.light, 0.7), self.side, 3)
                fill(canvas, oval(x, 46, wide * 0.86, 6.5), glass)
                for k in range(13):
                    fringe_x = x - wide * 0.92 + wide * 1.84 * k / 12
                    line(canvas, curve([(fringe_x, 47), (fringe_x, 54)], closed=False), mix(color, s.light,
                        0.4), 2.4)
            case "globe":
                glow(canvas, x, 34, 60, 60, glass, 0.95)
                fill(canvas, oval(x, 34, 25, 24), glass)
                line(canvas, oval(x, 34, 25, 24), mix(s.light, s.shade, 0.4), 2, 0.6)
                fill(canvas, oval(x, 11, 11, 5), dark)
            case _:
                for k in (-2, -1, 1, 2):
                    cx, cy = x + k * 30, 36.0 - abs(k) * 3
                    arm: list[Point] = [(x, 22), (x + k * 16, 50), (cx, cy + 6)]
                    swell(canvas, arm, mix((0.7, 0.5, 0.2), s.shade, 0.3), 5, ends=0.6)
                    fill(canvas, curve([(cx - 4, cy - 12), (cx + 4, cy - 12), (cx + 4, cy + 8),
                                        (cx - 4, cy + 8)], tension=0.1), (0.95, 0.92, 0.85))
                    glow(canvas, cx, cy - 20, 24, 24, s.light, 0.9)
                    fill(canvas, curve([(cx, cy - 28), (cx + 4.5, cy - 17), (cx, cy - 12),
                                        (cx - 4.5, cy - 17)]), glass)
        canvas.translate(0, -16)

    def draw_chair(self, canvas: skia.Canvas, x: float, top: float, half: float) -> None:
        """A chair back behind one person: its middle, its upper edge and half its width, in scene units."""
        s = self.scheme
        wood = mix(mix((0.56, 0.33, 0.19), s.shade, 0.22), s.wear[0], 0.18)
        outer = [(x - half, SIDE), (x - half, top + 18), (x - half * 0.7, top + 2), (x, top - 5),
                 (x + half * 0.7, top + 2), (x + half, top + 18), (x + half, SIDE)]
        path = curve(outer, tension=0.7)
        wash(canvas, path, (x + self.side * half, top), (x - self.side * half, top + 60),
             (lighten(wood, 0.05), mix(wood, s.shade, 0.4)))
        contour(canvas, path, mix(wood, s.shade, 0.65), mix(wood, s.light, 0.5), self.side, 3.5)

    def draw_light(self, canvas: skia.Canvas) -> None:
        """The last glaze over the finished picture: lamp light above, shade towards the corners."""
        s = self.scheme
        whole = skia.Rect(-BLEED, -BLEED, SIDE + BLEED, SIDE + BLEED)
        lamp = skia.Point(self.lamp_x, SIDE * 0.34)
        warm = skia.GradientShader.MakeRadial(lamp, 330, [ink(s.light, 0.5), ink(s.light, 0.0)])
        canvas.drawRect(whole, skia.Paint(Shader=warm, BlendMode=skia.BlendMode.kSoftLight))
        ring = skia.GradientShader.MakeRadial(
            skia.Point(SIDE / 2, SIDE * 0.52), 400, [ink(s.shade, 0.0), ink(s.shade, 0.0),
                                                     ink(mix(s.shade, (0.45, 0.2, 0.15), 0.35),
                                                         self.dim)], [0, 0.6, 1]
        )
        canvas.drawRect(whole, skia.Paint(Shader=ring, BlendMode=skia.BlendMode.kMultiply))
