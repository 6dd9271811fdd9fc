"""What hangs on the wall: a window with its curtains, pictures, a clock, a shelf."""

import math

import numpy as np
import skia

from models.dataset.brush import clipped, contour, curve, fill, glow, limb, line, mirrored, oval, swell, wash
from models.dataset.palette import Color, Scheme, lighten, mix, saturate
from models.dataset.scene import BLEED, SIDE


class Hangings:
    """Paints what hangs on one wall; `night` is what the window shows."""

    def __init__(self, rng: np.random.Generator, scheme: Scheme, side: float, night: bool) -> None:
        self.rng, self.scheme, self.side, self.night = rng, scheme, side, night

    def _framed(self, canvas: skia.Canvas, x0: float, y0: float, x1: float, y1: float, color: Color,
                border: float) -> skia.Path:
        """A frame; returns the opening inside it."""
        s = self.scheme
        glow(canvas, (x0 + x1) / 2 - self.side * 10, (y0 + y1) / 2 + 10, (x1 - x0) * 0.72, (y1 - y0) * 0.72,
             s.shade, 0.45)
        outer = curve([(x0, y0), (x1, y0 + 1), (x1, y1), (x0 + 1, y1)], tension=0.05)
        fill(canvas, outer, color)
        contour(canvas, outer, mix(color, s.shade, 0.6), mix(color, s.light, 0.6), self.side, 4.0)
        b = border
        inner = curve([(x0 + b, y0 + b), (x1 - b, y0 + b), (x1 - b, y1 - b), (x0 + b, y1 - b)], tension=0.05)
        line(canvas, inner, mix(color, s.shade, 0.6), 4.0)
        return inner

    def _view(self, canvas: skia.Canvas, path: skia.Path, night: bool) -> None:
        """A small landscape inside `path`."""
        s, rng = self.scheme, self.rng
        box = path.getBounds()
        low, high = (_night(s) if night else (mix(s.light, (0.95, 0.75, 0.6), 0.4), (0.55, 0.74, 0.85)))
        wash(canvas, path, (0, box.bottom()), (0, box.top()), (low, high))
        with clipped(canvas, path):
            orb_x, orb_y = box.left() + box.width() * float(rng.uniform(0.2,
                0.8)), box.top() + box.height() * 0.28
            glow(canvas, orb_x, orb_y, 34, 34, s.light, 0.6)
            fill(canvas, oval(orb_x, orb_y, 9, 9), mix(s.light, (1, 1, 0.95), 0.5))
            for k in range(3):
                y = box.top() + box.height() * (0.56 + 0.16 * k)
                hill = [(box.left() - 20, box.bottom() + 20),
                        (box.left() - 20, y + float(rng.uniform(-9, 9))),
                        (box.centerX() + float(rng.uniform(-20, 20)),
                         y - float(rng.uniform(4, 18))), (box.right() + 20, y + float(rng.uniform(-9, 9))),
                        (box.right() + 20, box.bottom() + 20)]
                green = mix((0.35, 0.5, 0.32), s.shade, (0.62 if night else 0.12) + 0.1 * k)
                fill(canvas, curve(hill, tension=0.8), green)
            house = (box.left() + box.width() * float(rng.uniform(0.25, 0.7)),
                     box.top() + box.height() * 0.68)
            fill(canvas, curve([(house[0] - 8, house[1]), (house[0] + 8, house[1]),
                                (house[0] + 8, house[1] + 11), (house[0] - 8, house[1] + 11)],
                               tension=0.05), mix((0.8, 0.45, 0.35), s.shade, 0.45 if night else 0.1))
            fill(canvas, oval(house[0], house[1] + 5, 2.4, 2.8), (1.0, 0.87, 0.5))

    def window(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        cx, wide = float(rng.uniform(150, 362)), float(rng.uniform(72, 100))
        top, bottom = float(rng.uniform(-6, 30)), float(rng.uniform(200, 240))
        frame = mix((0.93, 0.9, 0.83), s.shade, 0.22)
        pane = self._framed(canvas, cx - wide, top, cx + wide, bottom, frame, 11)
        self._view(canvas, pane, self.night)
        line(canvas, curve([(cx, top + 8), (cx, bottom - 8)], closed=False), frame, 7)
        line(canvas, curve([(cx - wide + 8, top + (bottom - top) * 0.4),
                            (cx + wide - 8, top + (bottom - top) * 0.4)], closed=False), frame, 6)
        color = s.wear[int(rng.integers(len(s.wear)))]
        for k in (1, -1):
            edge = cx + k * wide
            drape = [(edge + k * 30, top - 10), (cx + k * wide * 0.35, top - 10),
                     (cx + k * wide * 0.62, top + 60), (edge - k * 2, top + 130),
                     (edge + k * 2, bottom + 26), (edge + k * 40, bottom + 26), (edge + k * 36, top + 80)]
            path = curve(drape, tension=0.8)
            wash(canvas, path, (edge + self.side * 40, 0), (edge - self.side * 40, 0), (lighten(color, 0.06),
                mix(color, s.shade, 0.45)))
            with clipped(canvas, path):
                for j in range(6):
                    x = edge + k * (-40 + 15 * j)
                    fold = [(x, top - 10), (x + k * 6, top + 90), (x + k * 12, bottom + 26)]
                    swell(canvas, fold, mix(color, s.shade, 0.5), 6, 0.55)
                    swell(canvas, [(fx + self.side * 5, fy) for fx, fy in fold], mix(lighten(color, 0.1),
                        s.light, 0.3), 3.5, 0.5)
            contour(canvas, path, mix(color, s.shade, 0.7), mix(color, s.light, 0.5), self.side, 3)
        rod = curve([(cx - wide - 46, top - 9), (cx + wide + 46, top - 9)], closed=False)
        line(canvas, rod, mix((0.6, 0.4, 0.2), s.shade, 0.3), 6)

    def frames(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        gold = mix((0.76, 0.56, 0.24), s.shade, 0.15)
        x = float(rng.uniform(10, 60))
        while x < SIDE - 60:
            w, h = float(rng.uniform(70, 130)), float(rng.uniform(70, 125))
            y = float(rng.uniform(10, 60))
            inner = self._framed(canvas, x, y, x + w, y + h,
                                 gold if rng.random() < 0.7 else mix((0.35, 0.2, 0.15), s.shade, 0.3), 11)
            if rng.random() < 0.6:
                self._view(canvas, inner, bool(rng.random() < 0.3))
            else:
                self._ancestor(canvas, inner)
            x += w + float(rng.uniform(18, 46))

    def _ancestor(self, canvas: skia.Canvas, path: skia.Path) -> None:
        s, box = self.scheme, path.getBounds()
        fill(canvas, path, mix(s.shade, s.wall, 0.35))
        cx, cy, r = box.centerX(), box.centerY(), box.height() * 0.2
        with clipped(canvas, path):
            fill(canvas, curve([(cx - r * 2, box.bottom() + 10), (cx - r * 1.5, cy + r * 1.7), (cx, cy + r),
                                (cx + r * 1.5, cy + r * 1.7),
                                (cx + r * 2, box.bottom() + 10)]), mix(s.wear[0], s.shade, 0.55))
            skin = mix((0.88, 0.68, 0.52), s.shade, 0.2)
            fill(canvas, oval(cx, cy - r * 0.4, r * 0.95, r * 1.35), mix(s.shade, (0.3, 0.2, 0.2), 0.5))
            fill(canvas, oval(cx, cy - r * 0.15, r * 0.75, r * 1.1), skin)
            for k in (1, -1):
                fill(canvas, oval(cx + k * r * 0.3, cy - r * 0.25, r * 0.13, r * 0.1), mix(s.shade, (0, 0, 0),
                    0.3))
            line(canvas, curve([(cx - r * 0.2, cy + r * 0.42), (cx + r * 0.2, cy + r * 0.4)], closed=False),
                 (0.6, 0.25, 0.22), r * 0.12)

    def clock(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        x, y, r = float(rng.uniform(110, 400)), float(rng.uniform(62, 90)), float(rng.uniform(34, 48))
        wood = mix((0.55, 0.32, 0.18), s.shade, 0.2)
        glow(canvas, x - self.side * 10, y + 12, r * 1.5, r * 1.5, s.shade, 0.5)
        rim = oval(x, y, r + 9, r + 9)
        fill(canvas, rim, wood)
        contour(canvas, rim, mix(wood, s.shade, 0.6), mix(wood, s.light, 0.6), self.side, 4)
        fill(canvas, oval(x, y, r, r), mix((0.96, 0.93, 0.84), s.light, 0.3))
        dark = mix(s.shade, (0.1, 0.08, 0.1), 0.4)
        for k in range(12):
            a = k * math.tau / 12
            fill(canvas, oval(x + math.cos(a) * r * 0.8, y + math.sin(a) * r * 0.8, 2.6, 2.6), dark)
        hour, minute = float(rng.uniform(0, 6.28)), float(rng.uniform(0, 6.28))
        swell(canvas, [(x, y), (x + math.cos(hour) * r * 0.25, y + math.sin(hour) * r * 0.25),
                       (x + math.cos(hour) * r * 0.5, y + math.sin(hour) * r * 0.5)],
              dark, 5, ends=0.5)
        swell(canvas, [(x, y), (x + math.cos(minute) * r * 0.4, y + math.sin(minute) * r * 0.4),
                       (x + math.cos(minute) * r * 0.78, y + math.sin(minute) * r * 0.78)],
              dark, 3.6, ends=0.5)

    def shelf(self, canvas: skia.Canvas) -> None:
        s, rng = self.scheme, self.rng
        y = float(rng.uniform(92, 128))
        wood = mix((0.5, 0.3, 0.18), s.shade, 0.3)
        x = float(rng.uniform(-20, 20))
        while x < SIDE + 10:
            color = saturate(mix(s.wear[int(rng.integers(len(s.wear)))], s.shade, 0.2), 0.9)
            r = float(rng.uniform(15, 27))
            if rng.random() < 0.5:
                plate = oval(x, y - r - 3, r, r)
                fill(canvas, plate, mix(color, (0.95, 0.93, 0.88), 0.6))
                line(canvas, oval(x, y - r - 3, r * 0.7, r * 0.7), color, 3.5, 0.8)
                contour(canvas, plate, mix(color, s.shade, 0.6), s.light, self.side, 3)
            else:
                vase = curve([(x + px, y + py) for px, py in mirrored([(0, -r * 2.4), (r * 0.4, -r * 2.3),
                    (r * 0.3, -r * 1.7), (r * 0.75, -r * 0.9), (r * 0.4, -2), (0, -2)])])
                wash(canvas, vase, (x + self.side * r, y), (x - self.side * r, y),
                     (lighten(color, 0.1), mix(color, s.shade, 0.5)))
                contour(canvas, vase, mix(color, s.shade, 0.6), s.light, self.side, 3)
            x += r * 1.4 + float(rng.uniform(24, 44))
        board = limb([(-BLEED, y + 4), (SIDE / 2, y + 5), (SIDE + BLEED, y + 3)], (12, 12, 12))
        glow(canvas, SIDE / 2, y + 22, SIDE * 0.8, 22, s.shade, 0.55)
        fill(canvas, board, wood)
        contour(canvas, board, mix(wood, s.shade, 0.6), mix(wood, s.light, 0.6), self.side, 3)


def _night(scheme: Scheme) -> tuple[Color, Color]:
    """The night sky outside, at the horizon and overhead."""
    return mix((0.32, 0.36, 0.62), scheme.light, 0.18), mix((0.1, 0.13, 0.34), scheme.shade, 0.4)
