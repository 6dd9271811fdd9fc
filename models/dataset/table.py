"""The table: its cloth, and what is laid on it."""

import math

import numpy as np
import skia

from models.dataset.brush import (
    clipped,
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
from models.dataset.dishes import DISHES, StillLife
from models.dataset.palette import Scheme, lighten, mix, rgb, saturate
from models.dataset.scene import SIDE


class Table:
    """A laid table: the heights of its edges and the middles of the people, in scene units."""

    def __init__(self, seed: int, scheme: Scheme, side: float, far: float, near: float, seats: tuple[float,
        ...]) -> None:
        self.rng = np.random.default_rng([seed, 21])
        self.scheme, self.side, self.far, self.near, self.seats = scheme, side, far, near, seats
        rng = self.rng
        self.color = mix(scheme.table, scheme.wear[int(rng.integers(len(scheme.wear)))],
                         0.75 if rng.random() < 0.3 else 0.06)
        self.trim = scheme.wear[int(rng.integers(len(scheme.wear)))]
        self.pattern = ("plain", "checks", "stripes", "dots")[int(rng.choice(4, p=(0.35, 0.35, 0.15, 0.15)))]
        self.china = mix((0.96, 0.95, 0.92), scheme.wear[int(rng.integers(len(scheme.wear)))], 0.12)
        self.life = StillLife(scheme, side, self.trim, self.china)
        self.order = [DISHES[i] for i in rng.permutation(len(DISHES))]
        self.candles = int(rng.choice(4, p=(0.35, 0.25, 0.25, 0.15)))
        self.bottle = bool(rng.random() < 0.6)

    def depth(self, t: float) -> float:
        """The height on the picture of a point of the table top, t from 0 (far edge) to 1 (near edge)."""
        return self.far + (self.near - self.far) * t

    # --- the cloth

    def draw_cloth(self, canvas: skia.Canvas) -> None:
        """The table top and the cloth that hangs from its near edge."""
        s, far, near = self.scheme, self.far, self.near
        top = curve([(-60, far + 7), (SIDE * 0.25, far + 1), (SIDE * 0.75, far + 1), (SIDE + 60, far + 7),
                     (SIDE + 60, SIDE + 60), (-60, SIDE + 60)], tension=0.3)
        dark = mix(saturate(lighten(self.color, -0.1), 1.2), s.shade, 0.3)
        lit = mix(self.color, s.light, 0.5)
        wash(canvas, top, (SIDE / 2 + self.side * 200, far), (SIDE / 2 - self.side * 260, near + 20),
             (lit, mix(self.color, s.light, 0.2), mix(self.color, s.shade, 0.2)))
        with clipped(canvas, top):
            self._weave(canvas)
            for x in self.seats:
                glow(canvas, x - self.side * 8, far + 5, 54, 15, mix(s.shade, self.color, 0.3), 0.34)
            drop = skia.Path()
            drop.addRect(skia.Rect(-60, near, SIDE + 60, SIDE + 60))
            wash(canvas, drop, (0, near), (0, near + 60), (dark, mix(dark, s.shade, 0.3)), (0.6, 0.85))
            fold_x = -50.0
            while fold_x < SIDE + 50:
                wide = float(self.rng.uniform(16, 34))
                swell(canvas, [(fold_x, near + 2), (fold_x + 3, near + 50), (fold_x - 4, SIDE + 40)],
                      mix(dark, s.shade, 0.35), wide * 0.4, 0.5)
                swell(canvas, [(fold_x + self.side * wide * 0.35, near + 2),
                               (fold_x + self.side * wide * 0.4, near + 50),
                               (fold_x + self.side * wide * 0.3, SIDE + 40)], lit, wide * 0.25, 0.4)
                fold_x += wide
            hem = curve([(-60, near + 1), (SIDE / 2, near + 4), (SIDE + 60, near + 1)], closed=False)
            line(canvas, hem, mix(self.trim, self.color, 0.25), 5.0, 0.9)
            line(canvas, hem, lit, 1.5, 0.6)
        edge = curve([(-60, far + 7), (SIDE * 0.25, far + 1), (SIDE * 0.75, far + 1), (SIDE + 60, far + 7)],
                     closed=False, tension=0.3)
        line(canvas, edge, mix(dark, s.shade, 0.4), 2.5, 0.8)

    def _weave(self, canvas: skia.Canvas) -> None:
        far, near = self.far, self.near
        color = self.trim
        vanish = (SIDE / 2, far - 340.0)

        def ray(x: float) -> skia.Path:
            # A straight line on the table top, through the vanishing point.
            k = (SIDE + 60 - vanish[1]) / (near - vanish[1])
            return curve([(vanish[0] + (x - vanish[0]) * (far - vanish[1]) / (near - vanish[1]), far),
                          (vanish[0] + (x - vanish[0]) * k, SIDE + 60)], closed=False)

        rows = [self.depth(t) for t in (0.04, 0.15, 0.29, 0.46, 0.67, 0.93, 1.3, 1.7, 2.1)]
        match self.pattern:
            case "checks":
                for x in np.arange(-340, SIDE + 340, 44).tolist():
                    line(canvas, ray(x), color, 19, 0.42)
                for i, y in enumerate(rows):
                    line(canvas, curve([(-60, y), (SIDE + 60, y)], closed=False), color, 5 + 2.3 * i, 0.42)
            case "stripes":
                for x in np.arange(-340, SIDE + 340, 60).tolist():
                    line(canvas, ray(x), color, 15, 0.65)
            case "dots":
                for i, y in enumerate(rows):
                    for x in np.arange(-340, SIDE + 340, 40).tolist():
                        k = (y - vanish[1]) / (near - vanish[1])
                        fill(canvas, oval(vanish[0] + (x + 20 * (i % 2) - vanish[0]) * k, y, 5.5 * k,
                                          2.4 * k), color, 0.7)
            case _:
                pass

    # --- what stands on it

    def draw_things(self, canvas: skia.Canvas) -> None:
        """Plates before each person, dishes in the middle, glasses, candles and a bottle; far ones first."""
        rng = self.rng
        for i, x in enumerate(self.seats):
            px = x + (SIDE / 2 - x) * -0.04
            self._plate(canvas, px, self.depth(0.42), i)
            if rng.random() < 0.75:
                self._glass(canvas, px + 44 * (1 if rng.random() < 0.5 else -1),
                            self.depth(float(rng.uniform(0.3, 0.42))))
        count = 3 if rng.random() < 0.6 else 2
        spots = (0.2, 0.5, 0.8) if count == 3 else (0.31, 0.69)
        for name, at in zip(self.order, spots, strict=False):
            self.life.dish(canvas, name, SIDE * at + float(rng.uniform(-14, 14)), self.depth(0.86),
                           1.0 if count == 3 else 1.16)
        between = [0.35, 0.65, 0.06, 0.94] if count == 3 else [0.5, 0.09, 0.91, 0.5]
        for k in range(self.candles):
            self._candle(canvas, SIDE * between[k] + float(rng.uniform(-8, 8)), self.depth(0.8))
        if self.bottle:
            self._bottle(canvas, SIDE * between[min(3, self.candles)] + float(rng.uniform(-6, 6)),
                         self.depth(0.74))

    def _plate(self, canvas: skia.Canvas, x: float, y: float, index: int) -> None:
        rx, ry = 33.0, 10.5
        self.life.ground(canvas, x, y, rx)
        self.life.solid(canvas, oval(x, y, rx, ry), self.china)
        line(canvas, oval(x, y - 0.5, rx * 0.84, ry * 0.8), self.trim, 1.8, 0.7)
        fill(canvas, oval(x, y, rx * 0.66, ry * 0.62), lighten(self.china, -0.04))
        meal = (self.order[0] + str(index)) if self.rng.random() < 0.85 else ""
        if not meal:
            return
        main = saturate(mix(rgb("a65a2e"), self.scheme.wear[index % len(self.scheme.wear)],
                            float(self.rng.uniform(0, 0.35))), 1.1)
        self.life.solid(canvas, oval(x - 7, y - 3.5, 11, 6), main, 1.4)
        for k in range(5):
            fill(canvas, oval(x + 8 + math.cos(k * 2.1) * 5, y - 1 + math.sin(k * 2.1) * 2.6, 3, 2.6),
                 mix(rgb("6f9a3c"), self.scheme.shade, 0.12 * (k % 3)))
        self.life.solid(canvas, oval(x + 5, y - 6, 7, 4.2), rgb("f0dfae"), 1.2)
        steel, dark = (0.85, 0.85, 0.86), mix((0.5, 0.5, 0.55), self.scheme.shade, 0.4)
        for k in (1, -1):
            for color, w in ((dark, 3.2), (steel, 1.8)):
                line(canvas, curve([(x + k * (rx + 6), y - 6), (x + k * (rx + 10), y + 9)], closed=False),
                     color, w)

    def _glass(self, canvas: skia.Canvas, x: float, y: float) -> None:
        drink = rgb(("8f1f33", "e8b24a", "f3ecdf", "d9772f")[int(self.rng.integers(4))])
        self.life.ground(canvas, x, y, 10)
        bowl = curve([(x - 8, y - 34), (x + 8, y - 34), (x + 8.6, y - 22), (x + 3, y - 13), (x - 3, y - 13),
                      (x - 8.6, y - 22)], tension=0.7)
        fill(canvas, bowl, (0.9, 0.94, 0.95), 0.55)
        with clipped(canvas, bowl):
            body = skia.Path()
            body.addRect(skia.Rect(x - 12, y - 27, x + 12, y - 10))
            wash(canvas, body, (x, y - 27), (x, y - 12), (lighten(drink, 0.05), mix(drink, self.scheme.shade,
                0.3)))
        line(canvas, bowl, (0.93, 0.96, 0.97), 1.4, 0.85)
        line(canvas, curve([(x, y - 13), (x, y)], closed=False), (0.88, 0.92, 0.94), 2.4)
        fill(canvas, oval(x, y, 8, 2.5), (0.88, 0.92, 0.94), 0.9)
        swell(canvas, [(x + self.side * 5, y - 31), (x + self.side * 6, y - 24), (x + self.side * 3, y - 17)],
              (1, 1, 1), 2, 0.9)

    def _candle(self, canvas: skia.Canvas, x: float, y: float) -> None:
        s, tall = self.scheme, float(self.rng.uniform(46, 74))
        brass = mix((0.8, 0.6, 0.25), s.shade, 0.15)
        self.life.ground(canvas, x, y, 14)
        self.life.solid(canvas, oval(x, y, 14, 4.5), brass)
        self.life.solid(canvas, limb([(x, y), (x, y - 9), (x, y - 16)], (5, 3.5, 9)), brass, 1.4)
        self.life.solid(canvas, curve([(x - 4.2, y - 16), (x + 4.2, y - 16), (x + 3.8, y - tall),
                                       (x - 3.8, y - tall)], tension=0.1), mix((0.96, 0.93, 0.85), self.trim,
                                           0.25), 1.5)
        flame_y = y - tall - 9
        glow(canvas, x, flame_y, 46, 46, s.light, 0.55)
        fill(canvas, curve([(x, flame_y - 12), (x + 5, flame_y + 1), (x, flame_y + 7), (x - 5, flame_y + 1)]),
             (1.0, 0.72, 0.25))
        fill(canvas, curve([(x, flame_y - 6), (x + 2.6, flame_y + 2), (x, flame_y + 6),
                            (x - 2.6, flame_y + 2)]), (1.0, 0.97, 0.8))

    def _bottle(self, canvas: skia.Canvas, x: float, y: float) -> None:
        glass = mix(rgb("2f5b46"), self.scheme.shade, 0.2)
        self.life.ground(canvas, x, y, 13)
        outline = mirrored([(0, -84), (4.5, -84), (4.5, -60), (12, -46), (12, -2), (0, 1)])
        self.life.solid(canvas, curve([(x + px, y + py) for px, py in outline], tension=0.5), glass)
        label = curve([(x - 11, y - 36), (x + 11, y - 36), (x + 11, y - 14), (x - 11, y - 14)], tension=0.1)
        self.life.solid(canvas, label, rgb("efe0b8"), 1.4)
        line(canvas, curve([(x - 6, y - 28), (x + 6, y - 28)], closed=False), self.trim, 2.4)
        swell(canvas, [(x + self.side * 7.5, y - 44), (x + self.side * 8.5, y - 26),
                       (x + self.side * 8, y - 8)], (0.9, 1.0, 0.92), 2.6, 0.7)
