"""Hair and beards: masses with a lit side, and strands that run along them."""

import math
from collections.abc import Sequence

import numpy as np
import skia

from models.dataset.brush import Point, clipped, contour, curve, fill, glow, limb, oval, swell, wash
from models.dataset.face import Head
from models.dataset.palette import Color, lighten, mix


class Coiffure:
    """The hair of one head, in the head's own space, in two parts: behind the neck and over the face."""

    def __init__(self, head: Head, shade: Color, light: Color) -> None:
        hair = head.traits.hair
        self.head, self.style, self.color = head, hair.style, hair.color
        self.dark = mix(lighten(hair.color, -0.1), shade, 0.3)
        self.bright = mix(lighten(hair.color, 0.16), light, 0.25)
        self.shade, self.light = shade, light
        self.rng = np.random.default_rng([head.traits.seed, 1])
        self.w, self.c, self.h = head.face.width, head.face.crown, head.face.drop
        self.side, self.yaw = head.side, head.yaw

    # --- masses

    def _mass(
        self,
        canvas: skia.Canvas,
        points: Sequence[Point],
        strands: int = 26,
        bend: float = 3.0,
        vertical: bool = True,
    ) -> None:
        """A closed lock of hair: lit on one side, with strands from its top to its bottom, and an edge."""
        path = curve(points)
        box = path.getBounds()
        cx, half = box.centerX(), box.width() / 2
        wash(
            canvas, path, (cx + self.side * half, box.top()), (cx - self.side * half, box.bottom()),
            (self.bright, self.color, self.color, self.dark),
        )
        with clipped(canvas, path):
            for _ in range(strands):
                u, tone, sway = self.rng.uniform(), self.rng.uniform(), self.rng.uniform(-1, 1) * bend
                color = mix(self.dark, self.bright, tone)
                if vertical:
                    x = box.left() + u * box.width()
                    pts = [(x + sway * 0.5 + (cx - x) * 0.3, box.top()), (x + sway, box.centerY()),
                           (x - sway * 0.6, box.bottom())]
                else:
                    y = box.top() + u * box.height()
                    pts = [(box.left(), y + sway), (cx, y - box.height() * 0.2 + sway),
                           (box.right(), y - sway)]
                swell(canvas, pts, color, 0.8 + 1.2 * self.rng.uniform(), 0.55)
        contour(canvas, path, self.dark, self.bright, self.side, 1.6, 0.6)

    def _puffs(self, canvas: skia.Canvas, centres: Sequence[tuple[float, float, float]]) -> None:
        """Curls: overlapping round locks, each with its own light and spiral."""
        for x, y, r in centres:
            puff = oval(x, y, r, r * 0.94)
            wash(canvas, puff, (x + self.side * r, y - r), (x - self.side * r, y + r),
                 (self.bright, self.color, self.dark))
            turn = self.rng.uniform(0, 6.3)
            for k in range(2):
                arc = [
                    (x + math.cos(turn + a) * r * (0.78 - 0.3 * k),
                     y + math.sin(turn + a) * r * (0.78 - 0.3 * k))
                    for a in (0.0, 0.9, 1.8, 2.7)
                ]
                swell(canvas, arc, self.bright if k == 0 else self.dark, r * 0.2, 0.6)
            contour(canvas, puff, self.dark, self.bright, self.side, 1.3, 0.5)

    def _ring(
        self, start: float, end: float, count: int, rx: float, ry: float, size: float, y: float = 0.0
    ) -> list[tuple[float, float, float]]:
        """Centres of curls along an arc around the skull; angles in degrees, 0 to the right, 90 up."""
        puffs = []
        for i in range(count):
            a = math.radians(start + (end - start) * i / max(1, count - 1))
            wobble = self.rng.uniform(0.85, 1.15)
            puffs.append((math.cos(a) * rx, y - math.sin(a) * ry, size * wobble))
        return puffs

    def _cap(
        self,
        canvas: skia.Canvas,
        brow: Sequence[Point],
        rise: float = 4.0,
        wide: float = 2.5,
        low: float = 6.0,
    ) -> None:
        """Hair on the skull, from ear to ear; its lower edge is the hairline `brow` (left to right)."""
        w, c = self.w + wide, self.c + rise
        top = [(-w, low), (-w * 1.0, -c * 0.35), (-w * 0.72, -c * 0.83), (0.0, -c), (w * 0.72, -c * 0.83),
               (w, -c * 0.35), (w, low)]
        path = curve([*top, *reversed(list(brow))], tension=0.95)
        side = self.side
        wash(canvas, path, (side * w, -c), (-side * w, c * 0.3), (self.bright, self.color, self.dark))
        with clipped(canvas, path):
            glow(canvas, side * w * 0.35, -c * 0.78, w * 0.55, c * 0.16, lighten(self.bright, 0.08), 0.8)
            part = self.rng.uniform(-0.4, 0.4) * w
            for i in range(34):
                a = math.pi * (i + self.rng.uniform()) / 34
                tone = self.rng.uniform()
                ex, ey = math.cos(a) * w * 1.1, -math.sin(a) * c * 0.45 + 6
                mid = ((part + ex) * 0.62, (-c + ey) * 0.5 - c * 0.22)
                color = mix(self.dark, self.bright, tone)
                swell(canvas, [(part, -c), mid, (ex, ey)], color, 0.8 + 1.4 * self.rng.uniform(), 0.5)
        contour(canvas, path, self.dark, self.bright, side, 1.6, 0.6)

    def _hairline(self, height: float, parting: float = 0.0, dip: float = 0.0) -> list[Point]:
        """A hairline across the brow, at `height` of the crown; `parting` moves its peak, `dip` lowers it."""
        w, c, m = self.w, self.c, self.yaw * 5
        return [
            (-w * 0.93, 2.0), (-w * 0.86, -c * 0.3), (-w * 0.5 + m, -c * height * 0.96), (parting * w + m,
                -c * height + dip),
            (w * 0.5 + m, -c * height * 0.96), (w * 0.86, -c * 0.3), (w * 0.93, 2.0),
        ]

    # --- behind

    def draw_back(self, canvas: skia.Canvas) -> None:
        """What hangs or rises behind the head and neck."""
        w, c, h = self.w, self.c, self.h
        match self.style:
            case "bob" | "fringe":
                flip = 5 if self.style == "bob" else 1
                self._mass(canvas, [(0, -c - 4), (w + 5, -c * 0.5), (w + 8, h * 0.3),
                                    (w + 6 + flip, h * 0.86), (w - 3, h * 0.92),
                                    (-w + 3, h * 0.92), (-w - 6 - flip, h * 0.86), (-w - 8, h * 0.3), (-w - 5,
                                        -c * 0.5)])
            case "long" | "band_long":
                self._mass(canvas, [(0, -c - 4), (w + 4, -c * 0.5), (w + 8, h * 0.4), (w + 9, h * 1.15),
                                    (w + 5, h * 1.62),
                                    (w - 8, h * 1.5), (-w + 8, h * 1.5), (-w - 5, h * 1.62), (-w - 9,
                                        h * 1.15), (-w - 8, h * 0.4),
                                    (-w - 4, -c * 0.5)], 40, 5)
            case "waves":
                self._puffs(canvas, [(s * (w + x), y, r) for s in (1, -1) for x, y, r in
                                     ((1, h * 0.05, 9), (4, h * 0.34, 10), (4, h * 0.64, 10.5),
                                      (-1, h * 0.9, 9.5))])
            case "beehive":
                self._mass(canvas, [(0, -c - 22), (w * 0.7, -c - 17), (w + 5, -c * 0.75), (w + 3, 0),
                                    (w - 2, h * 0.4),
                                    (-w + 2, h * 0.4), (-w - 3, 0), (-w - 5, -c * 0.75), (-w * 0.7,
                                        -c - 17)], 30, 2, False)
            case "bun":
                self._puffs(canvas, [(self.yaw * -6, -c - 8, 13.5)])
            case "bun_top":
                self._puffs(canvas, [(-15, -c - 3, 10.5), (15, -c - 3, 10.5)])
            case "updo":
                self._puffs(canvas, self._ring(12, 168, 7, w * 0.86, c * 0.98, 11.5))
            case "pigtails":
                for s in (1, -1):
                    self._mass(canvas, [(s * w * 0.9, -4), (s * (w + 12), 2), (s * (w + 16), h * 0.5),
                                        (s * (w + 9), h * 0.98),
                                        (s * (w + 3), h * 0.5)], 12)
            case "braids":
                for s in (1, -1):
                    self._puffs(canvas, [(s * (w + 3 + k * 0.4), h * (0.36 + 0.2 * k),
                                          7.8 - 0.35 * k) for k in range(6)])
            case "ponytail":
                s = -1 if self.yaw > 0 else 1
                self._mass(canvas, [(s * w * 0.5, -c), (s * (w + 12), -c * 0.8), (s * (w + 18), h * 0.2),
                                    (s * (w + 12), h * 0.9),
                                    (s * (w + 7), h * 0.3), (s * w * 0.8, -c * 0.3)], 20, 4)
            case "curls":
                self._puffs(canvas, self._ring(-62, 242, 17, w + 4, c + 3, 9.5, 6))
            case "afro":
                puffs = self._ring(-40, 220, 16, w + 7, c + 7, 10.5, 0)
                self._puffs(canvas, [*puffs, *self._ring(0, 180, 9, w, c, 11)])
            case "bald" | "receding":
                for s in (1, -1):
                    self._puffs(canvas, [(s * (w + 0.5), -c * 0.12, 6.5), (s * (w + 1.0), h * 0.12, 6.0)])
            case _:
                pass

    # --- in front

    def draw_front(self, canvas: skia.Canvas) -> None:
        """The hair that lies on the skull and over the brow."""
        w, c, side = self.w, self.c, self.side
        u = self.rng.uniform
        match self.style:
            case "fringe" | "bowl":
                edge = c * 0.44
                brow = [(-w * 0.97, 10), (-w * 0.86, -4), (-w * 0.7, -edge), (0, -edge * u(0.98, 1.12)),
                        (w * 0.7, -edge),
                        (w * 0.86, -4), (w * 0.97, 10)]
                self._cap(canvas, brow, 5, 4, 12)
            case "bob" | "long" | "waves" | "ponytail" | "pigtails" | "braids" | "bun_top":
                parting = u(-0.5, 0.5)
                brow = self._hairline(0.86, parting * 0.5, -2)
                brow[0], brow[-1] = (-w * 0.9, 10), (w * 0.9, 10)
                self._cap(canvas, brow, 4.5, 3.5, 12)
                sweep = 1 if parting < 0 else -1
                lock = [(parting * w * 0.5, -c * 0.92), (sweep * w * 0.55, -c * 0.74),
                        (sweep * w * 0.97, -c * 0.2), (sweep * w * 1.06, 8),
                        (sweep * w * 0.82, -c * 0.16), (sweep * w * 0.3, -c * 0.56)]
                self._mass(canvas, lock, 9, 2)
            case "beehive" | "bun" | "updo":
                self._cap(canvas, self._hairline(0.78, 0, 0), 5, 2.5, 6)
            case "pixie" | "crop":
                self._cap(canvas, self._hairline(0.72, 0, u(-2, 4)), 3, 1.8, 6)
            case "curls" | "curls_short":
                self._cap(canvas, self._hairline(0.8), 3, 2, 5)
                self._puffs(canvas, self._ring(8, 172, 8, w * 0.92, c * 0.86, 8.4))
                self._puffs(canvas, self._ring(35, 145, 4, w * 0.6, c * 0.76, 8.0))
            case "afro":
                self._cap(canvas, self._hairline(0.76), 5, 3, 6)
                self._puffs(canvas, self._ring(20, 160, 7, w * 0.84, c * 0.92, 9.5))
            case "side" | "slick":
                s = side if u() < 0.5 else -side
                brow = self._hairline(0.82 if self.style == "side" else 0.92, s * 0.45, -2)
                self._cap(canvas, brow, 4, 2, 6)
                if self.style == "side":
                    self._mass(canvas, [(s * w * 0.5, -c * 0.98), (0, -c * 1.13), (-s * w * 0.75, -c * 0.95),
                                        (-s * w * 0.96, -c * 0.5),
                                        (-s * w * 0.6, -c * 0.62), (0, -c * 0.7)], 16, 2, False)
            case "quiff":
                self._cap(canvas, self._hairline(0.8), 3, 2, 6)
                s = 1 if u() < 0.5 else -1
                self._mass(canvas, [(-s * w * 0.62, -c * 0.7), (-s * w * 0.5, -c * 1.14),
                                    (s * w * 0.1, -c * 1.34), (s * w * 0.74, -c * 1.18),
                                    (s * w * 0.7, -c * 0.8), (0, -c * 0.74)], 18, 3, False)
            case "mop":
                self._cap(canvas, self._hairline(0.7), 5, 4, 10)
                for _ in range(9):
                    x = u(-0.75, 0.75) * w
                    self._mass(canvas, [(x - 6, -c * 0.95), (x + 5, -c * 1.1), (x + 7, -c * 0.7),
                                        (x + u(-7, 7), -c * u(0.3, 0.5)),
                                        (x - 3, -c * 0.62)], 4, 1)
            case "receding":
                self._cap(canvas, self._hairline(1.0, 0, u(4, 10)), 2, 1.5, 5)
            case "bald":
                shine = self.head.side * w * 0.3
                glow(canvas, shine, -c * 0.78, w * 0.3, c * 0.1, lighten(self.head.bright, 0.08), 0.9)
                if u() < 0.5:
                    for k in range(4):
                        swell(canvas, [(-w * 0.7, -c * 0.62 - k), (0, -c * 1.03 + k),
                                       (w * 0.6, -c * 0.8 - k)], self.color, 1.4, 0.8)
            case _:
                pass

    # --- beards

    def draw_beard(self, canvas: skia.Canvas) -> None:
        """What grows on the jaw, under the mouth's drawing."""
        head, w, h = self.head, self.w, self.h
        mid, my, cy = head.middle + head.yaw * 1.0, head.mouth_y, head.chin_y
        with clipped(canvas, head.outline()):
            if head.traits.hair.beard == "stubble":
                glow(canvas, mid, my + 4, w * 0.95, h * 0.34, mix(self.dark, head.dark, 0.4), 0.65)
        match head.traits.hair.beard:
            case "beard":
                pull = head.yaw * w * 0.16
                self._mass(canvas, [(-w * 0.96, h * 0.1), (-w * 0.82 + pull, my - 5), (mid - 7, my - 6.5),
                                    (mid, my - 5.4), (mid + 7, my - 6.5),
                                    (w * 0.82 + pull, my - 5), (w * 0.96, h * 0.1), (w * 0.95 + pull,
                                        h * 0.72), (w * 0.5 + pull, cy + 5),
                                    (pull, cy + 8), (-w * 0.5 + pull, cy + 5), (-w * 0.95 + pull,
                                        h * 0.72)], 34, 3)
                fill(canvas, oval(mid, my + 1, head.face.mouth * 0.9, 5.2), head.skin)
            case "goatee":
                self._mass(canvas, [(mid - 7, my + 5), (mid + 7, my + 5), (mid + 8.5, cy),
                                    (mid + head.yaw * 3, cy + 8), (mid - 8.5, cy)], 14, 1)
            case _:
                pass

    def draw_moustache(self, canvas: skia.Canvas) -> None:
        """What grows over the upper lip."""
        head = self.head
        beard = head.traits.hair.beard
        if beard not in ("moustache", "walrus", "beard", "goatee"):
            return
        x, y = head.middle + head.yaw * 2.0, (head.nose_y + head.mouth_y) / 2 + 0.2
        thick, reach = {"walrus": (7.5, 13.0), "beard": (4.6, 12.0), "goatee": (3.4, 9.0)}.get(beard,
            (4.2, 12.5))
        for s in (1, -1):
            drop = 4.0 if beard in ("walrus", "beard") else -0.6
            lobe = limb([(x, y - 0.5), (x + s * reach * 0.5, y + 0.4), (x + s * reach, y + drop)],
                        (thick * 0.9, thick, 1.2))
            lit = self.bright if s == self.side else self.color
            wash(canvas, lobe, (x, y - thick / 2), (x, y + thick / 2 + 2), (lit, self.dark))
            with clipped(canvas, lobe):
                for k in range(6):
                    sx = x + s * reach * k / 6
                    swell(canvas, [(sx, y - thick / 2), (sx + s * 1.5, y), (sx + s * 3, y + thick)],
                          mix(self.dark, self.bright, k % 2), 0.9, 0.6)
            contour(canvas, lobe, self.dark, self.bright, self.side, 1.0, 0.4)
