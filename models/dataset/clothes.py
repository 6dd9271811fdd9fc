"""Cloth and its folds, and the garments on a torso, up to what is tied around the neck."""

import math
from collections.abc import Sequence

import numpy as np
import skia

from models.dataset.brush import (
    Point,
    clipped,
    contour,
    curve,
    fill,
    glow,
    limb,
    line,
    mirrored,
    oval,
    swell,
    wash,
)
from models.dataset.palette import Color, lighten, mix
from models.dataset.patterns import draw_pattern
from models.dataset.traits import Traits


class Tailor:
    """Cuts and paints one outfit under one light."""

    def __init__(self, traits: Traits, side: float, shade: Color, light: Color) -> None:
        self.traits, self.clothes, self.side = traits, traits.clothes, side
        self.shade, self.light = shade, light
        self.rng = np.random.default_rng([traits.seed, 2])
        self.pitch = float(self.rng.uniform(7.5, 12.0))

    def cloth(
        self,
        canvas: skia.Canvas,
        path: skia.Path,
        color: Color,
        folds: Sequence[Sequence[Point]] = (),
        pattern: str = "plain",
        second: Color = (1.0, 1.0, 1.0),
        edge: float = 1.8,
        fade: tuple[float, float] | None = None,
    ) -> None:
        """Paints a piece of cloth: colour, pattern, shade over both, folds, edge.

        With `fade` the piece dissolves upwards between two heights, as a sleeve grows out of a shoulder.
        """
        if fade is not None:
            canvas.saveLayer()
        box = path.getBounds()
        cx, half = box.centerX(), max(6.0, box.width() / 2)
        dark = mix(lighten(color, -0.16), self.shade, 0.42)
        bright = mix(lighten(color, 0.1), self.light, 0.3)
        fill(canvas, path, color)
        with clipped(canvas, path):
            draw_pattern(canvas, box, pattern, (color, second, mix(second, self.shade, 0.5)), self.pitch,
                         self.rng)
            wash(
                canvas, path, (cx + self.side * half, box.top()), (cx - self.side * half, box.bottom()),
                (bright, color, dark, dark), (0.55, 0.0, 0.42, 0.74),
            )
            for points in folds:
                swell(canvas, points, dark, 3.6, 0.62)
                lit = [(x + self.side * 2.6, y - 0.6) for x, y in points]
                swell(canvas, lit, bright, 2.4, 0.5)
        contour(canvas, path, mix(dark, self.shade, 0.45), bright, self.side, edge, 0.6)
        if fade is not None:
            ends = [skia.Point(0, fade[0]), skia.Point(0, fade[1])]
            veil = skia.GradientShader.MakeLinear(ends, [0x00000000, 0xFF000000])
            canvas.drawPaint(skia.Paint(Shader=veil, BlendMode=skia.BlendMode.kDstIn))
            canvas.restore()

    # --- the torso

    def dress(self, canvas: skia.Canvas, torso: Sequence[Point], sy: float, sw: float, bottom: float) -> None:
        """Everything worn on the torso, whose right half is `torso`.

        `sy` is the base of the neck, `sw` half the shoulders, `bottom` where the figure ends.
        """
        c = self.clothes
        path = curve(mirrored(torso))
        folds: list[list[Point]] = []
        for s in (1, -1):
            folds += [
                [(s * sw * 0.74, sy + 40), (s * sw * 0.5, sy + 52), (s * sw * 0.34, sy + 72)],
                [(s * sw * 0.7, sy + 80), (s * sw * 0.4, sy + 90), (s * sw * 0.1, sy + 92)],
                [(s * sw * 0.2, sy + 30), (s * sw * 0.24, sy + 50), (s * sw * 0.16, sy + 66)],
            ]
        self.cloth(canvas, path, c.base, folds, c.pattern, c.base_second)
        with clipped(canvas, path):
            if self.traits.feminine:
                for s in (1, -1):
                    glow(canvas, s * sw * 0.4 + self.side * 2, sy + 38, sw * 0.3, 13, mix(c.base, self.light,
                        0.5), 0.35)
                    cup = [(s * sw * 0.1, sy + 50), (s * sw * 0.42, sy + 56), (s * sw * 0.7, sy + 46)]
                    if self.traits.age > 14:
                        swell(canvas, cup, mix(lighten(c.base, -0.14), self.shade, 0.4), 3.2, 0.5)
        lap = mirrored([(0, bottom - 26), (sw * 0.5, bottom - 31), (sw * 1.02, bottom - 22),
                        (sw * 1.06, bottom + 4), (0, bottom + 4)])
        self.cloth(canvas, curve(lap), c.lap, [[(0, bottom - 24), (1.5, bottom - 12), (0, bottom + 2)]])
        self._neckline(canvas, sy, sw)
        self._over(canvas, path, sy, sw, bottom)
        self._collar(canvas, sy, sw)
        self._neckwear(canvas, sy, sw)

    def _neckline(self, canvas: skia.Canvas, sy: float, sw: float) -> None:
        c, t = self.clothes, self.traits
        skin_dark = mix(mix(t.skin, self.shade, 0.3), lighten(t.skin, -0.1), 0.4)
        deep = mix(self.shade, lighten(t.skin, -0.2), 0.3)
        shapes: dict[str, list[Point]] = {
            "scoop": [(0, sy - 8), (11, sy - 8), (sw * 0.46, sy + 4), (sw * 0.34, sy + 19), (0, sy + 25)],
            "boat": [(0, sy - 8), (11, sy - 8), (sw * 0.66, sy + 5), (sw * 0.4, sy + 11), (0, sy + 13)],
            "vee": [(0, sy - 8), (11, sy - 8), (sw * 0.36, sy + 4), (sw * 0.16, sy + 22), (0, sy + 34)],
            "crew": [(0, sy - 8), (11, sy - 8), (13, sy + 1), (9, sy + 8), (0, sy + 10.5)],
        }
        if c.neckline in shapes:
            skin = curve(mirrored(shapes[c.neckline]), tension=0.85)
            wash(canvas, skin, (self.side * sw * 0.5, sy), (-self.side * sw * 0.5, sy + 20),
                 (lighten(t.skin, 0.03), t.skin, skin_dark))
            with clipped(canvas, skin):
                glow(canvas, 0, sy - 2, sw * 0.5, 12, skin_dark, 0.8)
                for s in (1, -1):
                    swell(canvas, [(s * 3, sy + 9), (s * sw * 0.28, sy + 6.5), (s * sw * 0.5, sy + 4)],
                          skin_dark, 2.0, 0.7)
            rim = shapes[c.neckline][1:]
            edge = curve([*rim, *((-x, y) for x, y in reversed(rim[:-1]))], closed=False, tension=0.85)
            line(canvas, edge, deep, 2.8 if c.neckline != "crew" else 4.6, 0.9)
            line(canvas, edge, lighten(c.base_second if c.neckline == "crew" else c.base, 0.03),
                 1.5 if c.neckline != "crew" else 3.2)

    def _over(self, canvas: skia.Canvas, path: skia.Path, sy: float, sw: float, bottom: float) -> None:
        c = self.clothes
        color = c.over_color
        with clipped(canvas, path):
            for s in (1.0, -1.0):
                folds = [[(s * sw * 0.8, sy + 44), (s * sw * 0.55, sy + 60), (s * sw * 0.5, sy + 84)]]
                match c.over:
                    case "jacket":
                        front = [(s * 9, sy - 6), (s * sw * 0.5, sy - 2), (s * sw * 1.2, sy + 10),
                                 (s * sw * 1.2, bottom), (s * 5, bottom),
                                 (s * 2, sy + 68), (s * 7, sy + 40)]
                        self.cloth(canvas, curve(front, tension=0.6), color, folds)
                        lapel = [(s * 9.5, sy - 6), (s * 16, sy + 2), (s * 23, sy + 18), (s * 17, sy + 23),
                                 (s * 18.5, sy + 27), (s * 2.4, sy + 62),
                                 (s * 7, sy + 34)]
                        self.cloth(canvas, curve(lapel, tension=0.25), lighten(color, 0.035))
                        if s == -self.side:
                            pocket = [(s * sw * 0.4, sy + 37), (s * sw * 0.62, sy + 35),
                                      (s * sw * 0.6, sy + 42), (s * sw * 0.42, sy + 44)]
                            fill(canvas, curve(pocket, tension=0.2), c.neck_color)
                    case "cardigan" | "vest":
                        inset = 8 if c.over == "cardigan" else 3
                        front = [(s * 11, sy - 6), (s * sw * 0.5, sy - 2), (s * sw * 1.2, sy + 10),
                                 (s * sw * 1.2, bottom), (s * inset * 0.3, bottom),
                                 (s * 2, sy + 58), (s * (inset + 6), sy + 24)]
                        self.cloth(canvas, curve(front, tension=0.5), color, folds)
                        if s > 0:
                            for k in range(4):
                                fill(canvas, oval(3.5, sy + 66 + 15 * k, 2.1, 2.1), lighten(c.neck_color,
                                    0.06))
                    case "braces" | "straps":
                        wide = 5.0 if c.over == "braces" else 9.0
                        strap = limb([(s * sw * 0.42, sy - 4), (s * sw * 0.44, sy + 40),
                                      (s * sw * 0.36, sy + 92)], (wide, wide, wide))
                        self.cloth(canvas, strap, color, edge=1.2)
                    case "shawl":
                        wrap = [(s * 8, sy - 8), (s * sw * 0.5, sy - 4), (s * sw * 1.3, sy + 12),
                                (s * sw * 1.2, sy + 50), (s * sw * 0.5, sy + 60),
                                (-s * 2, sy + 78), (s * 5, sy + 40)]
                        self.cloth(canvas, curve(wrap, tension=0.8), color,
                                   [*folds, [(s * 12, sy), (s * 14, sy + 30), (s * 4, sy + 60)]])
                    case _:
                        pass
            if c.over == "straps":
                bib = [(-sw * 0.52, sy + 46), (sw * 0.52, sy + 46), (sw * 0.9, sy + 84), (sw * 1.1, bottom),
                       (-sw * 1.1, bottom), (-sw * 0.9, sy + 84)]
                self.cloth(canvas, curve(bib, tension=0.3), color)
                for s in (1, -1):
                    fill(canvas, oval(s * sw * 0.42, sy + 50, 3, 3), lighten(c.neck_color, 0.08))
            if c.over == "apron":
                pale = mix(color, (0.97, 0.94, 0.88), 0.55)
                for s in (1, -1):
                    self.cloth(canvas, limb([(s * 12, sy - 6), (s * sw * 0.4, sy + 20),
                                             (s * sw * 0.46, sy + 34)], (4.5, 5, 5)), pale, edge=1.0)
                bib = [(-sw * 0.52, sy + 32), (0, sy + 35), (sw * 0.52, sy + 32), (sw * 0.6, sy + 72),
                       (sw * 1.0, sy + 92), (sw * 1.05, bottom),
                       (-sw * 1.05, bottom), (-sw * 1.0, sy + 92), (-sw * 0.6, sy + 72)]
                folds = [[(-8, sy + 76), (-10, sy + 100), (-14, bottom)],
                         [(9, sy + 76), (12, sy + 100), (16, bottom)]]
                self.cloth(canvas, curve(bib, tension=0.35), pale, folds)
                for k in range(9):
                    x = -sw * 0.5 + sw * k / 8
                    fill(canvas, oval(x, sy + 33.5, 3.4, 3.4), lighten(pale, 0.04))
                band = limb([(-sw * 0.74, sy + 74), (0, sy + 78), (sw * 0.74, sy + 74)], (6, 6.5, 6))
                self.cloth(canvas, band, color, edge=1.0)

    def _collar(self, canvas: skia.Canvas, sy: float, sw: float) -> None:
        c = self.clothes
        pale = mix(c.base, (0.97, 0.95, 0.9), 0.55)
        for s in (1.0, -1.0):
            match c.neckline:
                case "collar":
                    wing = [(s * 1, sy + 7), (s * 9, sy - 7), (s * 14, sy - 3), (s * 17, sy + 10),
                            (s * 9.5, sy + 18)]
                    self.cloth(canvas, curve(wing, tension=0.25), pale, edge=1.4)
                case "peter":
                    wing = [(s * 0.5, sy + 4), (s * 9, sy - 7), (s * 19, sy), (s * 23, sy + 10),
                            (s * 14, sy + 18), (s * 4, sy + 14)]
                    self.cloth(canvas, curve(wing), lighten(pale, 0.04), edge=1.4)
                case "sailor":
                    wing = [(s * 8, sy - 7), (s * 20, sy - 4), (s * sw * 0.82, sy + 9),
                            (s * sw * 0.6, sy + 26), (s * 1, sy + 42), (s * 8, sy + 18)]
                    self.cloth(canvas, curve(wing, tension=0.35), c.base_second, edge=1.4)
                    stripe = [(s * sw * 0.72, sy + 8), (s * sw * 0.54, sy + 22), (s * 4, sy + 37)]
                    line(canvas, curve(stripe, closed=False, tension=0.4), pale, 1.8)
                case _:
                    pass
        if c.neckline == "turtle":
            roll = [(-11.5, sy - 14), (0, sy - 11), (11.5, sy - 14), (14, sy - 2), (12, sy + 5), (0, sy + 8),
                    (-12, sy + 5), (-14, sy - 2)]
            self.cloth(canvas, curve(roll), lighten(c.base, 0.03),
                       [[(-10, sy - 4), (0, sy - 0.5), (10, sy - 4)]])
        if c.neckline == "sailor":
            self._bow(canvas, sy + 40, 0.8)

    def _bow(self, canvas: skia.Canvas, y: float, size: float) -> None:
        color = self.clothes.neck_color
        for s in (1, -1):
            wing = [(0, y), (s * 12 * size, y - 6.5 * size), (s * 14 * size, y),
                    (s * 12 * size, y + 6.5 * size)]
            self.cloth(canvas, curve(wing, tension=0.6), color, edge=1.3)
        fill(canvas, oval(0, y, 3.2 * size, 3.6 * size), mix(color, self.shade, 0.25))

    def _neckwear(self, canvas: skia.Canvas, sy: float, sw: float) -> None:
        c = self.clothes
        color = c.neck_color
        match c.neckwear:
            case "tie":
                end = sy + (66 if c.over in ("none", "braces") else 60)
                blade = [(-3.4, sy + 13), (3.4, sy + 13), (7.5, end - 8), (0, end + 2), (-7.5, end - 8)]
                self.cloth(canvas, curve(blade, tension=0.25), color,
                           pattern="bars" if c.pattern == "plain" else "plain",
                           second=c.base_second, edge=1.5)
                knot = [(-6, sy + 4), (6, sy + 4), (4, sy + 14), (-4, sy + 14)]
                self.cloth(canvas, curve(knot, tension=0.4), lighten(color, -0.03), edge=1.4)
            case "bow":
                self._bow(canvas, sy + 8, 1.0)
            case "ribbon":
                self._bow(canvas, sy + 9, 0.75)
                for s in (1, -1):
                    self.cloth(canvas, limb([(s * 1.5, sy + 11), (s * 4, sy + 22), (s * 6, sy + 32)],
                                            (2.5, 3.5, 4)), color, edge=0.9)
            case "pearls":
                for k in range(13):
                    a = math.pi * k / 12
                    x, y = math.cos(a) * 13.5, sy - 3 + math.sin(a) * 14
                    fill(canvas, oval(x, y, 2.5, 2.5), mix((0.93, 0.9, 0.86), self.shade, 0.3))
                    fill(canvas, oval(x + self.side * 0.5, y - 0.5, 1.7, 1.7), (0.98, 0.96, 0.92))
            case "pendant":
                chain = curve([(-12, sy - 4), (-7, sy + 9), (0, sy + 16), (7, sy + 9), (12, sy - 4)],
                              closed=False)
                line(canvas, chain, (0.85, 0.68, 0.3), 1.3)
                fill(canvas, oval(0, sy + 18, 4, 4.6), mix(color, self.shade, 0.25))
                fill(canvas, oval(self.side, sy + 17, 2, 2.3), lighten(color, 0.18))
            case "scarf":
                roll = [(-13, sy - 8), (0, sy - 3), (13, sy - 8), (16, sy + 4), (0, sy + 13), (-16, sy + 4)]
                self.cloth(canvas, curve(roll), color, [[(-12, sy), (0, sy + 6), (12, sy - 1)]])
                tail = limb([(7, sy + 6), (11, sy + 22), (8, sy + 38)], (6, 10, 12))
                self.cloth(canvas, tail, color, edge=1.4)
            case "napkin":
                white = (0.95, 0.93, 0.88)
                bib = [(-9, sy - 1), (0, sy + 4), (9, sy - 1), (sw * 0.52, sy + 42), (0, sy + 62),
                       (-sw * 0.52, sy + 42)]
                folds: list[list[Point]] = [[(-3, sy + 6), (-8, sy + 26), (-10, sy + 44)],
                                            [(3, sy + 6), (6, sy + 28), (9, sy + 46)]]
                self.cloth(canvas, curve(bib, tension=0.35), white, folds)
            case _:
                pass
