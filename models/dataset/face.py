"""A head without hair or features: its geometry, and the planes of the face in light and shade."""

import math

import skia

from models.dataset.brush import Point, clipped, contour, curve, fill, glow, oval, swell, wash
from models.dataset.palette import Color, lighten, mix, saturate
from models.dataset.traits import Traits


class Head:
    """The geometry of one head in its own space: the eye line is y = 0, the middle of the skull x = 0."""

    def __init__(self, traits: Traits, side: float, shade: Color, light: Color) -> None:
        face = traits.face
        self.traits, self.face, self.side = traits, face, side
        self.yaw, self.pitch = traits.look.yaw, traits.look.pitch
        self.turn = self.yaw * 0.35
        self.skin = traits.skin
        self.dark = mix(mix(traits.skin, shade, 0.34), saturate(lighten(traits.skin, -0.15), 1.35), 0.6)
        self.deep = mix(shade, saturate(lighten(traits.skin, -0.3), 1.3), 0.3)
        self.bright = mix(lighten(traits.skin, 0.09), light, 0.42)
        self.shade = shade
        self.eye_y = self.pitch * 3.5
        self.nose_y = face.drop * face.nose + self.pitch * 4.5
        self.chin_y = face.drop + self.pitch * 1.5
        self.mouth_y = self.nose_y + (self.chin_y - self.nose_y) * 0.4
        self.middle = face.width * math.sin(self.turn)

    def eye(self, s: float) -> tuple[float, float]:
        """Where the eye on side `s` lies (x), and how much its width is foreshortened."""
        at = math.asin(self.face.spread)
        angle = s * at + self.turn * 0.8
        return self.face.width * math.sin(angle) * 1.02, min(1.06, math.cos(angle) / math.cos(at))

    def outline(self) -> skia.Path:
        """The skull and jaw."""
        f, yaw = self.face, self.yaw
        right: list[Point] = []
        rows = (
            (0.0, -f.crown, 0.0),
            (0.56, -f.crown * 0.9, 0.0),
            (0.93, -f.crown * 0.48, 0.0),
            (0.985, 0.0, 0.01),
            (0.985, f.drop * 0.28, 0.03),
            (f.jaw * 1.0, f.drop * 0.62, 0.07),
            ((f.jaw + f.chin) * 0.53, f.drop * 0.84, 0.15),
            (f.chin * 0.62, self.chin_y - f.drop * 0.03, 0.21),
            (0.0, self.chin_y, 0.23),
        )
        left: list[Point] = []
        for x, y, pull in rows:
            for s, points in ((1.0, right), (-1.0, left)):
                far = max(0.0, s * yaw)
                squeeze = 1.0 - far * (0.07 if -1 < y < f.drop * 0.5 else 0.03)
                points.append((s * x * f.width * squeeze + yaw * pull * f.width, y))
        return curve([*right, *reversed(left[1:-1])])

    def draw_forms(self, canvas: skia.Canvas) -> None:
        """Ears, the planes of the face, and the nose, without lines."""
        f, side = self.face, self.side
        path = self.outline()
        for s in (1.0, -1.0):
            near = 1.0 - 0.75 * max(0.0, s * self.yaw)
            x, y = s * f.width * (0.99 - 0.05 * max(0.0, -s * self.yaw)), f.drop * 0.2 + self.pitch * -1.5
            ear = oval(x, y, 5.4 * near * f.ear, 8.6 * f.ear)
            fill(canvas, ear, mix(self.skin, (0.8, 0.3, 0.25), 0.15) if s == side else self.dark)
            contour(canvas, ear, self.deep, self.bright, side, 1.1)
            swell(
                canvas, [(x + s * 1.5, y - 5), (x + s * 3.2 * near, y - 2),
                         (x + s * 1, y + 4)], self.deep, 1.3, 0.6
            )
        wash(
            canvas,
            path,
            (side * f.width, -f.crown * 0.5),
            (-side * f.width * 1.05, f.drop * 0.5),
            (self.bright, self.skin, self.skin, self.dark),
        )
        with clipped(canvas, path):
            self._planes(canvas)
        self._nose(canvas)
        contour(canvas, path, self.deep, self.bright, side, 1.5, 0.4)

    def _planes(self, canvas: skia.Canvas) -> None:
        f, side, t = self.face, self.side, self.traits
        w, h, mid = f.width, f.drop, self.middle
        shade_x = -side * w
        cheek = [
            (shade_x * 1.2, -f.crown * 0.7),
            (shade_x * 0.8, -f.crown * 0.2),
            (shade_x * 0.9, h * 0.12),
            (shade_x * 0.56 + mid * 0.3, h * 0.5),
            (shade_x * 0.42 + mid * 0.5, h * 0.95),
            (shade_x * 1.2, h * 1.1),
        ]
        fill(canvas, curve(cheek), self.dark, 0.62)
        glow(canvas, shade_x * 0.95, h * 0.45, w * 0.5, h * 0.6, mix(self.dark, self.shade, 0.35), 0.5)
        glow(canvas, mid * 0.3 + side * w * 0.25, -f.crown * 0.5, w * 0.62, f.crown * 0.42, self.bright, 0.8)
        for s in (1.0, -1.0):
            x, short = self.eye(s)
            glow(canvas, x, self.eye_y - 2.5, f.eye * 1.55 * short, f.eye * 1.25, mix(self.dark, self.shade,
                0.12), 0.62)
            red = mix(self.skin, (0.82, 0.22, 0.2), 0.55)
            glow(canvas, x * 1.12, h * 0.4 + self.pitch * 3, w * 0.42, h * 0.22, red, t.blush)
            if s == side:
                glow(canvas, x * 1.1, h * 0.25 + self.pitch * 3, w * 0.26, h * 0.09, self.bright, 0.75)
        glow(canvas, mid, self.mouth_y + 7.5, f.mouth * 0.8, 3.0, self.dark, 0.8)
        glow(canvas, mid + self.yaw * 2 + side * 2, self.chin_y - h * 0.12, w * 0.26, h * 0.09, self.bright,
             0.65)
        glow(canvas, mid + self.yaw * 3, self.chin_y + 1.5, w * 0.8, h * 0.09, self.dark, 0.8)
        if t.age > 50:
            for s in (1.0, -1.0):
                fold = [
                    (mid + s * f.nose_width * 1.05, self.nose_y - 2),
                    (mid + s * f.mouth * 1.1, self.nose_y + 5),
                    (mid + s * f.mouth * 1.25, self.mouth_y + 3),
                ]
                swell(canvas, fold, self.dark, 2.0, 0.9)
                x, _ = self.eye(s)
                bag = [(x - f.eye * 0.8, self.eye_y + 6), (x, self.eye_y + 9),
                       (x + f.eye * 0.8, self.eye_y + 6)]
                swell(canvas, bag, self.dark, 1.6, 0.85)
            for k in range(2):
                y = -f.crown * (0.42 + 0.14 * k)
                brow = [(-w * 0.45 + mid * 0.3, y), (mid * 0.3, y - 1.6), (w * 0.45 + mid * 0.3, y)]
                swell(canvas, brow, self.dark, 1.3, 0.7)
        if t.freckles:
            for k in range(18):
                x = mid * 0.8 + math.sin(k * 12.9898) * w * 0.6
                y = h * 0.28 + math.sin(k * 78.233) * h * 0.1
                fill(canvas, oval(x, y, 0.8, 0.7), mix(self.dark, (0.6, 0.25, 0.1), 0.5), 0.7)

    def _nose(self, canvas: skia.Canvas) -> None:
        f, side = self.face, self.side
        w, ny, mid = f.nose_width, self.nose_y, self.middle
        top = self.eye_y - 4
        tip = mid + self.yaw * 3.4
        root = mid * 0.82
        s = -side
        plane = [
            (root + s * 1.4, top - 3),
            (root + s * 3.9, top + 4),
            (root + s * 2.9 + (tip - root) * 0.5, ny * 0.6),
            (tip + s * w, ny - 1.6),
            (tip + s * w * 0.75, ny + 1.2),
            (tip + s * 0.5, ny + 0.6),
            (tip + s * 0.6, ny * 0.62),
        ]
        fill(canvas, curve(plane, tension=0.8), self.dark, 0.85)
        bottom = [(tip - w * 0.9, ny - 0.6), (tip, ny + 2.6), (tip + w * 0.9, ny - 0.6), (tip, ny - 0.8)]
        fill(canvas, curve(bottom), mix(self.dark, self.shade, 0.2), 0.75)
        ridge = [(root + side * 0.9, top + 4), (root + side * 1.1 + (tip - root) * 0.5, ny * 0.55),
                 (tip + side, ny - 4)]
        swell(canvas, ridge, self.bright, 2.8, 0.85, ends=0.5)
        red = mix(self.skin, (0.85, 0.25, 0.2), 0.4)
        glow(canvas, tip, ny - 2.6, w * 0.95, 4.6, red, 0.25 + 0.4 * self.traits.blush)
        glow(canvas, tip + side * 1.2, ny - 4, 2.0, 2.0, lighten(self.bright, 0.06), 0.95)
        glow(canvas, mid, ny + 4.6, w * 0.9, 3.6, self.dark, 0.65)
