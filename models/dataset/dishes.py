"""Food: the dishes in the middle of a table, each lit from the same lamp."""

import math
from collections.abc import Callable, Sequence

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
from models.dataset.palette import Color, Scheme, lighten, mix, rgb, saturate

DISHES = ("roast", "pie", "fish", "soup", "cake", "fruit", "bread", "jelly", "salad")


class StillLife:
    """Paints single things on a table under one light, in the colours of its cloth and plates."""

    def __init__(self, scheme: Scheme, side: float, trim: Color, china: Color) -> None:
        self.scheme, self.side, self.trim, self.china = scheme, side, trim, china

    def ground(self, canvas: skia.Canvas, x: float, y: float, rx: float) -> None:
        """The shadow of a thing that stands at (x, y)."""
        glow(canvas, x - self.side * rx * 0.22, y + rx * 0.1, rx * 1.35, rx * 0.42, self.scheme.shade, 0.6)

    def solid(self, canvas: skia.Canvas, path: skia.Path, color: Color, width: float = 2.2) -> None:
        """One lit form with an edge."""
        s, box = self.scheme, path.getBounds()
        cx, half = box.centerX(), box.width() / 2
        wash(canvas, path, (cx + self.side * half * 0.8, box.top()), (cx - self.side * half, box.bottom()),
             (mix(lighten(color, 0.09), s.light, 0.35), color, mix(lighten(color, -0.08), s.shade, 0.42)))
        contour(canvas, path, mix(lighten(color, -0.15), s.shade, 0.55), mix(lighten(color, 0.12), s.light,
            0.5), self.side, width)

    def dish(self, canvas: skia.Canvas, name: str, x: float, y: float, k: float) -> None:
        """The dish `name` (one of DISHES), standing at (x, y), `k` times its usual size."""
        painters = {
            "roast": self._roast,
            "pie": self._pie,
            "fish": self._fish,
            "soup": self._soup,
            "cake": self._cake,
            "fruit": self._fruit,
            "bread": self._bread,
            "jelly": self._jelly,
            "salad": self._salad,
        }
        painters[name](canvas, x, y, k)

    @staticmethod
    def _about(x: float, y: float, k: float) -> Callable[[Sequence[Point]], list[Point]]:
        """Moves the points of a shape that was drawn around the origin to (x, y), scaled by k."""
        return lambda points: [(x + px * k, y + py * k) for px, py in points]

    def _platter(self, canvas: skia.Canvas, x: float, y: float, rx: float) -> None:
        self.ground(canvas, x, y, rx)
        self.solid(canvas, oval(x, y, rx, rx * 0.27), self.china, 2.6)
        line(canvas, oval(x, y - 1, rx * 0.88, rx * 0.21), self.trim, 2.2, 0.8)

    def _roast(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        brown = rgb("b0622b")
        self._platter(canvas, x, y, 60 * k)
        for j in range(9):
            a = math.pi * (j + 0.5) / 9
            leaf = mix(rgb("5f8a3a"), s.shade, 0.15 * (j % 3))
            fill(canvas, oval(x + math.cos(a) * 47 * k, y - 1 + math.sin(a) * 8 * k, 9 * k, 4.5 * k), leaf)
        self.solid(canvas, curve(at([(-40, -4), (-36, -26), (-12, -43), (16, -42), (38, -24), (40, -4),
                                     (0, 4)])), brown, 3)
        for sgn in (1, -1):
            self.solid(canvas, curve(at([(sgn * 18, -22), (sgn * 36, -30), (sgn * 44, -16), (sgn * 36, -4),
                                         (sgn * 20, -6)])), lighten(brown, 0.03), 2.4)
            self.solid(canvas, limb(at([(sgn * 40, -20), (sgn * 50, -27), (sgn * 57, -32)]),
                                    (7 * k, 6 * k, 7 * k)), rgb("f3e6cc"), 1.8)
        glow(canvas, x + self.side * 12 * k, y - 32 * k, 16 * k, 7 * k, (1.0, 0.88, 0.6), 0.9)

    def _pie(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        crust = rgb("d9a052")
        self.ground(canvas, x, y, 46 * k)
        self.solid(canvas, curve(at([(-46, -12), (46, -12), (36, 8), (0, 12), (-36, 8)]), tension=0.5),
                   mix(self.trim, (0.9, 0.9, 0.88), 0.2), 2.6)
        self.solid(canvas, oval(x, y - 14 * k, 49 * k, 16 * k), crust, 2.8)
        filling = saturate(mix(rgb("a8323a"), self.trim, 0.2), 1.1)
        fill(canvas, oval(x, y - 15 * k, 39 * k, 11 * k), filling)
        with clipped(canvas, oval(x, y - 15 * k, 40 * k, 11.5 * k)):
            for j in range(-4, 5):
                for d in (1, -1):
                    strip = curve(at([(j * 12 - d * 14, -32), (j * 12 + d * 14, 4)]), closed=False)
                    line(canvas, strip, mix(crust, s.shade, 0.3), 6.2 * k)
                    line(canvas, strip, lighten(crust, 0.05), 4.4 * k)
        for j in range(22):
            a = j * math.tau / 22
            fill(canvas, oval(x + math.cos(a) * 45 * k, y - 14 * k + math.sin(a) * 14 * k, 4.4 * k, 3.2 * k),
                 lighten(crust, 0.05 if j % 2 else -0.03))

    def _fish(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        scale_color = mix(rgb("8fa6ad"), self.trim, 0.15)
        self._platter(canvas, x, y, 66 * k)
        self.solid(canvas, curve(at([(38, -12), (62, -30), (58, -10), (62, 4)]), tension=0.6),
                   mix(scale_color, s.shade, 0.2), 2)
        body = curve(at([(-54, -9), (-34, -26), (0, -30), (30, -20), (46, -11), (28, 0), (0, 4), (-36, 2)]))
        self.solid(canvas, body, scale_color, 2.8)
        with clipped(canvas, body):
            for i in range(7):
                for j in range(4):
                    arc = at([(-26 + i * 10 + 5 * (j % 2), -27 + j * 8),
                              (-22 + i * 10 + 5 * (j % 2), -23 + j * 8), (-26 + i * 10 + 5 * (j % 2),
                                  -19 + j * 8)])
                    swell(canvas, arc, mix(scale_color, s.shade, 0.5), 1.8, 0.6)
        swell(canvas, at([(-33, -24), (-27, -10), (-33, 1)]), mix(scale_color, s.shade, 0.6), 2.6, 0.9)
        fill(canvas, oval(x - 42 * k, y - 13 * k, 4.4 * k, 4.4 * k), (0.96, 0.94, 0.85))
        fill(canvas, oval(x - 42 * k, y - 13 * k, 2.2 * k, 2.2 * k), mix(s.shade, (0, 0, 0), 0.4))
        for j in range(3):
            cx = x + (-12 + 17 * j) * k
            fill(canvas, oval(cx, y + 4 * k, 9 * k, 5 * k), rgb("f0c83c"))
            line(canvas, oval(cx, y + 4 * k, 6.6 * k, 3.4 * k), rgb("fbf0b8"), 1.6)

    def _soup(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        pot = mix(self.trim, (0.95, 0.93, 0.9), 0.35)
        self.ground(canvas, x, y, 44 * k)
        for sgn in (1, -1):
            line(canvas, oval(x + sgn * 44 * k, y - 16 * k, 9 * k, 8 * k), mix(pot, s.shade, 0.35), 5 * k)
        self.solid(canvas, curve(at([(-44, -24), (44, -24), (40, -4), (20, 9), (-20, 9), (-40, -4)]),
                                 tension=0.8), pot, 3)
        self.solid(canvas, oval(x, y - 24 * k, 45 * k, 12.5 * k), lighten(pot, 0.04), 2.4)
        soup = saturate(mix(rgb("d97a2f"), self.scheme.wear[1], 0.25), 1.1)
        fill(canvas, oval(x, y - 23 * k, 38 * k, 9.5 * k), soup)
        glow(canvas, x + self.side * 10 * k, y - 25 * k, 18 * k, 5 * k, lighten(soup, 0.16), 0.9)
        for j in range(6):
            fill(canvas, oval(x + math.cos(j * 2.4) * 24 * k, y - 23 * k + math.sin(j * 2.4) * 5 * k, 3.2 * k,
                              2 * k), rgb("7fa044"))
        for j in (-1, 0, 1):
            steam: list[Point] = at([(j * 14, -34), (j * 14 + 6, -48), (j * 14 - 4, -62), (j * 14 + 3, -76)])
            swell(canvas, steam, (1.0, 0.98, 0.94), 6 * k, 0.3)

    def _cake(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        cream, sponge = mix((0.97, 0.92, 0.86), self.trim, 0.18), mix(rgb("e8c07a"), self.trim, 0.25)
        self._platter(canvas, x, y, 54 * k)
        for half, low, high, color in ((40, 2, 30, sponge), (28, 30, 52, cream)):
            tier = curve(at([(-half, -low), (half, -low), (half, -high), (-half, -high)]), tension=0.15)
            base = oval(x, y - low * k, half * k, half * 0.27 * k)
            self.solid(canvas, base, color, 2)
            self.solid(canvas, tier, color, 2.2)
            self.solid(canvas, oval(x, y - high * k, half * k, half * 0.27 * k), lighten(cream, 0.03), 2.2)
            for i in range(9):
                a = math.pi * i / 8
                px, py = x + math.cos(a) * half * k, y - high * k + (math.sin(a) * half * 0.27 + 3) * k
                fill(canvas, oval(px, py, 5.4 * k, 5.4 * k), lighten(cream, 0.04 if i % 2 else 0.0))
        for i in range(5):
            cx = x + (i - 2) * 10 * k
            line(canvas, curve([(cx, y - 52 * k), (cx, y - 70 * k)], closed=False), s.wear[i % len(s.wear)],
                 3 * k)
            glow(canvas, cx, y - 76 * k, 10 * k, 10 * k, s.light, 0.8)
            fill(canvas, curve([(cx, y - 82 * k), (cx + 3 * k, y - 74 * k), (cx, y - 71 * k),
                                (cx - 3 * k, y - 74 * k)]), (1.0, 0.84, 0.4))

    def _fruit(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        for j, (fx, fy, r, code) in enumerate(((-20, -30, 13, "c8342f"), (18, -32, 13, "d98a2b"),
                                               (0, -42, 14, "8fa83a"), (-34, -22, 11, "d9b13a"),
                                               (34, -23, 11, "7a2f4f"), (-2, -25, 13, "c95a2f"))):
            self.solid(canvas, oval(x + fx * k, y + fy * k, r * k, r * k), rgb(code), 2.2)
            glow(canvas, x + (fx + self.side * 4) * k, y + (fy - 5) * k, 4.5 * k, 4 * k, (1, 0.97, 0.88), 0.8)
            if j < 3:
                swell(canvas, at([(fx, fy - r + 3), (fx + 1, fy - r - 2), (fx + 3, fy - r - 5)]),
                      rgb("4a3320"), 2.4)
        self.ground(canvas, x, y, 30 * k)
        self.solid(canvas, curve(at([(-48, -20), (0, -13), (48, -20), (36, -2), (14, 7), (-14, 7),
                                     (-36, -2)]), tension=0.8), mix(self.trim, self.china, 0.45), 2.8)

    def _bread(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        crust = rgb("c4853f")
        self.ground(canvas, x, y, 56 * k)
        self.solid(canvas, curve(at([(-58, -3), (58, -3), (58, 7), (-58, 7)]), tension=0.12), rgb("8a5630"),
                   2.4)
        self.solid(canvas, curve(at([(-46, -4), (-44, -26), (-16, -34), (20, -33), (44, -24), (46, -4)]),
                                 tension=0.9), crust, 3)
        for j in range(4):
            cx = -27 + 18 * j
            swell(canvas, at([(cx - 6, -16), (cx + 1, -25), (cx + 9, -31)]), rgb("f2d9a0"), 6 * k, 0.9)
        self.solid(canvas, oval(x + 44 * k, y - 10 * k, 10 * k, 14 * k), rgb("f2dfb2"), 2)

    def _jelly(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        color = saturate(mix(self.trim, rgb("d9433f"), 0.5), 1.25)
        self._platter(canvas, x, y, 50 * k)
        wobble = mirrored([(0, -56), (14, -54), (20, -40), (30, -36), (33, -20), (40, -14), (40, -1), (0, 5)])
        self.solid(canvas, curve(at(wobble)), color, 3)
        for sgn in (-0.6, 0.0, 0.6):
            swell(canvas, at([(sgn * 14, -50), (sgn * 34, -24), (sgn * 44, 0)]), mix(color, s.shade, 0.35),
                  3.6 * k, 0.7)
            swell(canvas, at([(sgn * 14 + self.side * 5, -50), (sgn * 34 + self.side * 6, -24),
                              (sgn * 44 + self.side * 6, -3)]), mix(lighten(color, 0.2), s.light,
                                  0.5), 2.8 * k, 0.8)
        self.solid(canvas, oval(x, y - 59 * k, 6 * k, 6 * k), rgb("c32f3a"), 1.8)

    def _salad(self, canvas: skia.Canvas, x: float, y: float, k: float) -> None:
        at = self._about(x, y, k)
        s = self.scheme
        for j in range(16):
            a = j * 2.399
            r = 30 * math.sqrt((j + 1) / 16)
            leaf = mix(rgb("7fa544"), s.shade, 0.12 * (j % 4)) if j % 4 else rgb("d1482f")
            self.solid(canvas, oval(x + math.cos(a) * r * k, y - 26 * k + math.sin(a) * r * 0.42 * k, 11 * k,
                                    7.5 * k), leaf, 1.6)
        self.ground(canvas, x, y, 30 * k)
        self.solid(canvas, curve(at([(-46, -19), (0, -12), (46, -19), (32, 2), (12, 8), (-12, 8), (-32, 2)]),
                                 tension=0.8), mix(rgb("b58a52"), self.china, 0.2), 2.8)
