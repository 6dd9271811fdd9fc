"""Hats, bows and scarves: what is worn on the head, over the hair."""

import math
from collections.abc import Sequence

import skia

from models.dataset.brush import Point, clipped, contour, curve, fill, line, oval, swell, wash
from models.dataset.face import Head
from models.dataset.palette import Color, lighten, mix, saturate


class Hat:
    """The hat of one head, in the head's own space."""

    def __init__(self, head: Head, shade: Color, light: Color) -> None:
        self.head, self.side, self.yaw = head, head.side, head.yaw
        self.shade, self.light = shade, light
        self.w, self.c, self.h = head.face.width, head.face.crown, head.face.drop

    def _shape(self, canvas: skia.Canvas, points: Sequence[Point], color: Color,
               tension: float = 1.0) -> skia.Path:
        """One part of a hat: lit, with an edge."""
        path = curve(points, tension=tension)
        box = path.getBounds()
        bright, dark = mix(lighten(color, 0.1), self.light, 0.25), mix(lighten(color, -0.1), self.shade, 0.35)
        wash(
            canvas, path, (box.centerX() + self.side * box.width() / 2, box.top()),
            (box.centerX() - self.side * box.width() / 2, box.bottom()), (bright, color, dark),
        )
        contour(canvas, path, mix(dark, self.shade, 0.4), bright, self.side, 1.7, 0.6)
        return path

    def draw(self, canvas: skia.Canvas) -> None:
        """What is worn on the head, over everything else."""
        hair, w, c, yaw = self.head.traits.hair, self.w, self.c, self.yaw
        color, ribbon = hair.hat_color, hair.ribbon
        m = yaw * 3
        match hair.hat:
            case "fedora":
                self._shape(canvas, [(-w * 0.82, -c * 0.62), (-w * 0.78, -c * 1.2), (-w * 0.4, -c * 1.5),
                                     (m, -c * 1.38), (w * 0.4, -c * 1.5),
                                     (w * 0.78, -c * 1.2), (w * 0.82, -c * 0.62)], color)
                self._shape(canvas, [(-w * 0.83, -c * 0.84), (0, -c * 0.72), (w * 0.83, -c * 0.84),
                                     (w * 0.85, -c * 0.6), (0, -c * 0.5),
                                     (-w * 0.85, -c * 0.6)], ribbon, 0.8)
                self._shape(canvas, [(-w * 1.36, -c * 0.66), (-w * 0.7, -c * 0.68), (m, -c * 0.6),
                                     (w * 0.7, -c * 0.68), (w * 1.36, -c * 0.66),
                                     (w * 0.8, -c * 0.44), (m, -c * 0.36), (-w * 0.8, -c * 0.44)], color)
            case "cap":
                self._shape(canvas, [(-w * 1.04, -c * 0.46), (-w * 0.98, -c * 0.95), (-w * 0.4, -c * 1.24),
                                     (w * 0.4, -c * 1.24),
                                     (w * 0.98, -c * 0.95), (w * 1.04, -c * 0.46)], color)
                self._shape(canvas, [(-w * 0.85 + m, -c * 0.52), (m, -c * 0.72), (w * 0.85 + m, -c * 0.52),
                                     (w * 0.9 + m * 2, -c * 0.36),
                                     (m * 2, -c * 0.3), (-w * 0.9 + m * 2, -c * 0.36)], mix(color, self.shade,
                                         0.25))
                fill(canvas, oval(m * 0.3, -c * 1.24, 2.6, 2.0), ribbon)
            case "beret":
                s = self.side
                self._shape(canvas, [(-w * 1.1, -c * 0.62), (-w * 1.2 + s * 5, -c * 1.02), (s * 6, -c * 1.36),
                                     (w * 1.2 + s * 5, -c * 1.02),
                                     (w * 1.1, -c * 0.62), (0, -c * 0.66)], color)
                swell(canvas, [(s * 6, -c * 1.32), (s * 7, -c * 1.42), (s * 9, -c * 1.46)], color, 2.4)
            case "pillbox":
                self._shape(canvas, [(-w * 0.66, -c * 0.86), (-w * 0.64, -c * 1.2), (0, -c * 1.3),
                                     (w * 0.64, -c * 1.2), (w * 0.66, -c * 0.86),
                                     (0, -c * 0.8)], color)
                fill(canvas, oval(w * 0.46 * self.side, -c * 1.02, 4.2, 4.2), ribbon)
                fill(canvas, oval(w * 0.46 * self.side, -c * 1.02, 1.8, 1.8), lighten(ribbon, 0.14))
            case "paper":
                cone = self._shape(canvas, [(-w * 0.5, -c * 0.9), (m * 2, -c * 1.95), (w * 0.5, -c * 0.9),
                                            (0, -c * 0.84)], color, 0.1)
                with clipped(canvas, cone):
                    for k in range(4):
                        y = -c * (0.98 + 0.25 * k)
                        line(canvas, curve([(-w, y + 5), (w, y - 4)], closed=False), ribbon, 3.4)
                fill(canvas, oval(m * 2, -c * 1.95, 4.4, 4.4), lighten(ribbon, 0.06))
            case "bobble":
                self._shape(canvas, [(-w * 1.06, -c * 0.5), (-w, -c * 1.0), (0, -c * 1.4), (w, -c * 1.0),
                                     (w * 1.06, -c * 0.5)], color)
                self._shape(canvas, [(-w * 1.1, -c * 0.74), (0, -c * 0.86), (w * 1.1, -c * 0.74),
                                     (w * 1.1, -c * 0.42), (0, -c * 0.54),
                                     (-w * 1.1, -c * 0.42)], ribbon, 0.9)
                self._shape(canvas, [(-6, -c * 1.44), (0, -c * 1.66), (6, -c * 1.44), (0, -c * 1.28)], ribbon,
                            1.3)
            case "scarf":
                h = self.h
                path = self._shape(canvas, [(-w * 0.5, self.head.chin_y + 4), (-w - 4, h * 0.4),
                                            (-w - 5, -c * 0.3), (-w * 0.72, -c * 1.06),
                                            (0, -c * 1.2), (w * 0.72, -c * 1.06), (w + 5, -c * 0.3), (w + 4,
                                                h * 0.4),
                                            (w * 0.5, self.head.chin_y + 4), (w * 0.86, h * 0.5), (w * 0.92,
                                                0), (w * 0.62, -c * 0.66),
                                            (0, -c * 0.8), (-w * 0.62, -c * 0.66), (-w * 0.92, 0), (-w * 0.86,
                                                h * 0.5)], color)
                with clipped(canvas, path):
                    for k in range(26):
                        a = k * 2.4
                        fill(canvas, oval(math.sin(a) * w, -c * 0.2 + math.cos(a * 1.7) * c, 2.1, 2.1),
                             ribbon, 0.9)
            case "bow":
                x, y = self.side * w * 0.5, -c * 1.0
                for s in (1, -1):
                    self._shape(canvas, [(x, y), (x + s * 11, y - 8), (x + s * 13, y + 1),
                                         (x + s * 10, y + 6)], color)
                fill(canvas, oval(x, y, 3.4, 3.8), mix(color, self.shade, 0.3))
            case "flower":
                x, y = self.side * w * 0.86, -c * 0.62
                for k in range(6):
                    a = k * math.tau / 6
                    fill(canvas, oval(x + math.cos(a) * 5, y + math.sin(a) * 5, 3.8, 3.8),
                         lighten(color, 0.05 * (k % 2)))
                fill(canvas, oval(x, y, 3.4, 3.4), saturate(lighten(ribbon, 0.1), 1.2))
            case "band":
                self._shape(canvas, [(-w * 1.06, -c * 0.3), (-w * 0.72, -c * 0.94), (0, -c * 1.14),
                                     (w * 0.72, -c * 0.94), (w * 1.06, -c * 0.3),
                                     (w * 0.96, -c * 0.24), (w * 0.66, -c * 0.78), (0, -c * 0.95), (-w * 0.66,
                                         -c * 0.78),
                                     (-w * 0.96, -c * 0.24)], color)
            case _:
                pass
