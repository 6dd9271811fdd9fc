"""Neck, torso, arms and hands, and what the hands hold."""

import math

import numpy as np
import skia

from models.dataset.brush import Point, clipped, contour, curve, fill, glow, limb, line, oval, swell, wash
from models.dataset.clothes import Tailor
from models.dataset.palette import Color, lighten, mix, saturate
from models.dataset.traits import Pose, Traits


class Body:
    """A body from neck to lap in figure space: the eyes of its head lie at (lean, 0)."""

    def __init__(self, traits: Traits, side: float, shade: Color, light: Color) -> None:
        self.traits, self.side, self.shade, self.light = traits, side, shade, light
        self.tailor = Tailor(traits, side, shade, light)
        self.sw = traits.shoulders
        self.sy = traits.face.drop * 0.96 + traits.neck
        grown = float(np.clip((traits.age - 5) / 13, 0, 1))
        self.tall = 112 + 26 * grown
        self.bottom = self.sy + self.tall
        self.lean = traits.look.lean
        self.dark = mix(mix(traits.skin, shade, 0.34), saturate(lighten(traits.skin, -0.15), 1.35), 0.6)
        self.deep = mix(shade, saturate(lighten(traits.skin, -0.3), 1.3), 0.3)
        self.bright = mix(lighten(traits.skin, 0.09), light, 0.42)
        self.k = self.tall / 138

    def draw_torso(self, canvas: skia.Canvas) -> None:
        """Neck and clothed torso, down to the lap."""
        t, sy, sw, k = self.traits, self.sy, self.sw, self.k
        thick = 11.5 + (0 if t.feminine else 2.0) * k
        neck = [(self.lean - thick * 0.92, t.face.drop * 0.45),
                (self.lean + thick * 0.92, t.face.drop * 0.45), (thick, sy - 4), (thick + 5, sy + 6),
                (0, sy + 14), (-thick - 5, sy + 6), (-thick, sy - 4)]
        path = curve(neck, tension=0.7)
        wash(canvas, path, (self.side * thick, sy), (-self.side * thick, sy),
             (self.bright, t.skin, self.dark, self.dark))
        with clipped(canvas, path):
            glow(canvas, self.lean + t.look.yaw * 4 - self.side * 2, t.face.drop, thick * 1.6, 11,
                 mix(self.dark, self.shade, 0.35), 0.95)
            for s in (1, -1):
                swell(canvas, [(s * thick * 0.8, sy - 14), (s * thick * 0.45, sy - 3), (s * 1.5, sy + 8)],
                      self.dark, 1.8, 0.7)
        contour(canvas, path, self.deep, self.bright, self.side, 1.5, 0.4)
        waist = 0.7 if t.feminine else 0.82
        torso = [(0, sy - 1), (thick * 0.75, sy - 3.5), (thick + 6, sy + 1), (sw * 0.8, sy + 6),
                 (sw * 0.98, sy + 16), (sw * 0.92, sy + 44 * k),
                 (sw * waist, sy + 76 * k), (sw * 0.96, self.bottom - 24), (sw * 1.0, self.bottom + 4), (0,
                     self.bottom + 4)]
        self.tailor.dress(canvas, torso, sy, sw, self.bottom)

    # --- arms

    def draw_arms(self, canvas: skia.Canvas) -> None:
        """Both arms with hands and what they hold, in front of the torso."""
        busy = -1.0 if self.traits.flip else 1.0
        pose = self.traits.pose
        for s in (-busy, busy):
            doing = pose if pose in (Pose.FOLDED, Pose.TABLE) or s == busy else Pose.TABLE
            self._arm(canvas, s, doing, over=s == busy)

    def _arm(self, canvas: skia.Canvas, s: float, pose: Pose, over: bool) -> None:
        sw, sy, k = self.sw, self.sy, self.k
        shoulder = (s * sw * 0.86, sy + 17)
        elbow = (s * (sw + 1.5), sy + 64 * k)
        match pose:
            case Pose.FOLDED:
                wrist, angle = (s * 11.0, sy + 85 * k), 180.0 if s > 0 else 0.0
            case Pose.TABLE:
                wrist, angle = (s * sw * 0.55, sy + 84 * k), 90 + s * 34.0
            case Pose.CHEEK:
                elbow = (s * (sw - 1), sy + 72 * k)
                wrist, angle = (s * (self.traits.face.width * 0.85) + self.lean,
                                self.traits.face.drop * 1.04), -90 + s * 6.0
            case _:
                elbow = (s * (sw + 1.0), sy + 70 * k)
                wrist, angle = (s * sw * 0.68, sy + 39 * k), -90 - s * 24.0
        self._sleeve(canvas, s, shoulder, elbow, wrist)
        x, y = wrist
        if pose in (Pose.FORK, Pose.SPOON, Pose.GLASS):
            self._held(canvas, pose, x - s * 2.5, y - 8, s)
            self._fist(canvas, x, y, angle, s)
        elif pose is Pose.CHEEK:
            self._hand(canvas, x, y, angle, -s, curl=0.5)
        else:
            self._hand(canvas, x, y + (3 if over and pose is Pose.FOLDED else 0), angle,
                       -s if pose is Pose.TABLE else s, curl=0.25)

    def _sleeve(self, canvas: skia.Canvas, s: float, shoulder: Point, elbow: Point, wrist: Point) -> None:
        c, t = self.traits.clothes, self.tailor
        covered = c.over in ("jacket", "cardigan") or (c.over == "shawl")
        color = c.over_color if c.over in ("jacket", "cardigan") else c.base
        pattern = "plain" if c.over in ("jacket", "cardigan") else c.pattern
        width = 19.0 if not self.traits.feminine else 16.5
        width *= 0.75 + 0.25 * self.k
        fade = None if c.over == "vest" else (self.sy + 1, self.sy + 15)  # a vest shows its armholes
        long_sleeve = c.sleeve == "long" or covered
        bend = (elbow[0] + s * 0.5, elbow[1] + 3)
        fore_mid = ((elbow[0] + wrist[0]) / 2, (elbow[1] + wrist[1]) / 2 + 3)
        root = (s * self.sw * 0.6, self.sy + 7)
        upper_mid = ((shoulder[0] + elbow[0]) / 2 + s * 2.0, (shoulder[1] + elbow[1]) / 2)
        upper = limb([root, shoulder, upper_mid, bend], (width * 0.3, width * 0.86, width, width * 0.84))
        fore_points = [elbow, fore_mid, wrist]
        ux, uy = elbow
        creases: list[list[Point]] = [
            [(ux - s * 8, uy - 12), (ux - s * 2, uy - 7), (ux + s * 5, uy - 8)],
            [(ux - s * 7, uy - 5), (ux, uy - 1), (ux + s * 6, uy - 1)],
        ]
        if long_sleeve:
            t.cloth(canvas, upper, color, creases, pattern, c.base_second, fade=fade)
            t.cloth(canvas, limb(fore_points, (width * 0.86, width * 0.8, width * 0.64)), color, creases[1:],
                    pattern, c.base_second)
            dx, dy = wrist[0] - fore_mid[0], wrist[1] - fore_mid[1]
            length = math.hypot(dx, dy) or 1.0
            cuff = limb([(wrist[0] - dx / length * 4, wrist[1] - dy / length * 4), wrist,
                         (wrist[0] + dx / length * 2, wrist[1] + dy / length * 2)],
                        (width * 0.68,) * 3)
            t.cloth(canvas, cuff, mix(c.base, (0.96, 0.94, 0.9),
                                      0.5) if c.neckline == "collar" else lighten(color, 0.04), edge=1.2)
            return
        short = limb([root, shoulder, (upper_mid[0], upper_mid[1] + 2)],
                     (width * 0.3, width * 0.9, width * 1.12))
        self._bare(canvas, limb([((shoulder[0] + elbow[0]) / 2, shoulder[1] + 10), bend],
                                (width * 0.72, width * 0.7)))
        t.cloth(canvas, short, color, [], pattern, c.base_second, fade=fade)
        self._bare(canvas, limb(fore_points, (width * 0.72, width * 0.68, width * 0.46)))

    def _bare(self, canvas: skia.Canvas, path: skia.Path) -> None:
        box = path.getBounds()
        lit, dim = (box.centerX() + self.side * 9, box.top()), (box.centerX() - self.side * 9, box.bottom())
        wash(canvas, path, lit, dim, (self.bright, self.traits.skin, self.dark))
        contour(canvas, path, self.deep, self.bright, self.side, 1.6, 0.5)

    # --- hands

    def _finger(self, canvas: skia.Canvas, points: list[Point], width: float) -> None:
        path = curve(points, closed=False)
        line(canvas, path, self.deep, width + 1.3)
        line(canvas, path, self.traits.skin, width)
        lit = curve([(x + self.side * width * 0.12, y - width * 0.2) for x, y in points], closed=False)
        line(canvas, lit, self.bright, width * 0.4, 0.75)

    def _hand(self, canvas: skia.Canvas, x: float, y: float, angle: float, thumb: float, curl: float) -> None:
        """An open hand from its wrist; fingers along `angle` (degrees), thumb left (-1) or right (+1)."""
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(angle)
        canvas.scale(0.82 + 0.18 * self.k, (0.82 + 0.18 * self.k) * thumb)
        spread = 3.1
        for i in (3, 2, 1, 0):
            base = (9.5, -4.8 + spread * i)
            reach = (10.0, 11.5, 10.8, 8.2)[i]
            out = (i - 1.4) * 0.9
            tip = (base[0] + reach, base[1] + out + curl * 3.0)
            mid = (base[0] + reach * 0.55, base[1] + out * 0.4 - curl * 0.6)
            self._finger(canvas, [base, mid, tip], 3.7 - 0.15 * i)
            fill(canvas, oval(tip[0] + 0.4, tip[1] - 0.2, 1.1, 0.9), mix(self.bright, (0.95, 0.6, 0.55), 0.4),
                 0.85)
        palm = curve([(-2, -4.6), (5, -6.4), (11.5, -5.6), (12, 4.8), (6, 6.4), (-2, 4.4)])
        wash(canvas, palm, (4, -7), (4, 7), (self.bright, self.traits.skin,
                                             self.dark) if self.side * thumb < 0 else
             (self.traits.skin, self.traits.skin, self.dark))
        for i in range(3):
            swell(canvas, [(11.5, -3.2 + spread * i), (9, -3.0 + spread * i), (6.5, -2.6 + spread * i)],
                  self.dark, 1.0, 0.8)
        self._finger(canvas, [(2.5, -4.5), (7, -8.4), (11.5, -9.2)], 3.8)
        canvas.restore()

    def _fist(self, canvas: skia.Canvas, x: float, y: float, angle: float, s: float) -> None:
        """A hand closed around something upright."""
        canvas.save()
        canvas.translate(x, y)
        canvas.rotate(angle + 90)
        k = 0.85 + 0.2 * self.k
        canvas.scale(k * s, k)
        palm = curve([(-5, 3), (-7, -4), (-6, -12), (2, -14), (8, -11), (8, -2), (5, 3)])
        wash(canvas, palm, (0, -14), (0, 4), (self.bright, self.traits.skin, self.dark))
        contour(canvas, palm, self.deep, self.bright, self.side * s, 1.4, 0.5)
        for i in range(4):
            fy = -11.5 + 3.5 * i
            self._finger(canvas, [(5.8, fy + 0.6), (-0.5, fy - 0.4), (-6.4, fy + 0.9)], 3.4)
        self._finger(canvas, [(6, -4), (2, -12), (-3.5, -14)], 3.8)
        canvas.restore()

    def _held(self, canvas: skia.Canvas, pose: Pose, x: float, y: float, s: float) -> None:
        metal, shine, dim = (0.78, 0.78, 0.8), (0.98, 0.97, 0.93), mix((0.5, 0.5, 0.56), self.shade, 0.4)
        match pose:
            case Pose.FORK | Pose.SPOON:
                lean = s * 5
                rod = [(x - lean * 0.5, y + 10), (x, y - 4), (x + lean * 0.5, y - 21)]
                line(canvas, curve(rod, closed=False), dim, 3.0)
                line(canvas, curve(rod, closed=False), metal, 1.9)
                tx, ty = x + lean * 0.5, y - 21
                if pose is Pose.SPOON:
                    fill(canvas, oval(tx, ty - 5, 5.0, 7.0), dim)
                    fill(canvas, oval(tx, ty - 5.2, 4.0, 6.0), metal)
                    glow(canvas, tx + self.side, ty - 6, 2.4, 3.6, shine, 0.95)
                    return
                neck = curve([(tx - 4.4, ty - 4), (tx, ty + 3), (tx + 4.4, ty - 4)], closed=False)
                line(canvas, neck, dim, 3.2)
                line(canvas, neck, metal, 2.0)
                for k in range(4):
                    px = tx - 4.4 + k * 2.93
                    line(canvas, curve([(px, ty - 4), (px + s * 0.5, ty - 14)], closed=False), dim, 2.1)
                    line(canvas, curve([(px, ty - 4), (px + s * 0.5, ty - 14)], closed=False), shine, 1.1)
                if self.traits.seed % 2:
                    bite = saturate(mix((0.72, 0.36, 0.2), self.traits.clothes.neck_color, 0.25), 1.2)
                    fill(canvas, oval(tx, ty - 13, 6, 5), mix(bite, self.shade, 0.3))
                    fill(canvas, oval(tx + self.side * 0.8, ty - 13.8, 4.6, 3.6), lighten(bite, 0.08))
            case Pose.GLASS:
                wine = ((0.55, 0.08, 0.16), (0.93, 0.72, 0.3), (0.93, 0.5, 0.2))[self.traits.seed % 3]
                if self.traits.age < 19:
                    wine = ((0.95, 0.93, 0.88), (0.93, 0.55, 0.2))[self.traits.seed % 2]
                bowl = [(x - 8.5, y - 25), (x + 8.5, y - 25), (x + 9.5, y - 13), (x + 5, y - 3),
                        (x - 5, y - 3), (x - 9.5, y - 13)]
                path = curve(bowl, tension=0.7)
                fill(canvas, path, mix((0.86, 0.93, 0.95), self.shade, 0.12), 0.55)
                with clipped(canvas, path):
                    drink = skia.Path()
                    drink.addRect(skia.Rect(x - 14, y - 17, x + 14, y))
                    wash(canvas, drink, (x, y - 18), (x, y - 2), (lighten(wine, 0.06), mix(wine, self.shade,
                        0.3)))
                    fill(canvas, oval(x, y - 17, 10, 2), lighten(wine, 0.1))
                line(canvas, path, mix((0.9, 0.95, 0.97), self.shade, 0.2), 1.2, 0.9)
                swell(canvas, [(x + self.side * 5.5, y - 22), (x + self.side * 7, y - 14),
                               (x + self.side * 4.5, y - 7)], (1, 1, 1), 2.0, 0.85)
                line(canvas, curve([(x, y - 3), (x, y + 14)], closed=False), (0.8, 0.86, 0.9), 2.0, 0.85)
            case _:
                pass
