"""The features of a face, crisp over the dabs: nostrils, mouth, eyes, brows, and what they say."""

import math

import skia

from models.dataset.brush import Point, clipped, curve, fill, glow, limb, line, oval, swell
from models.dataset.face import Head
from models.dataset.palette import Color, lighten, mix, saturate
from models.dataset.traits import Mood

# Mood -> (corners raised, mouth opened, width factor, inner brow raised, outer brow raised), in units.
_MOODS = {
    Mood.CALM: (0.2, 0.0, 1.0, 0.0, 0.0),
    Mood.SMILE: (2.8, 0.0, 1.18, 0.6, 0.8),
    Mood.GRIN: (3.4, 5.8, 1.28, 1.0, 1.2),
    Mood.TALK: (0.3, 6.0, 0.92, 1.0, 0.2),
    Mood.WORRY: (-2.0, 0.0, 0.95, 3.4, -1.4),
    Mood.SURPRISE: (-0.6, 8.0, 0.62, 3.6, 3.0),
    Mood.SOUR: (-2.8, 0.0, 1.0, -2.2, 1.4),
}


def draw_features(canvas: skia.Canvas, head: Head, hair: Color) -> None:
    """Draws nostrils, mouth, eyes and brows, in the space of `head`."""
    _nose_lines(canvas, head)
    _mouth(canvas, head)
    for s in (1.0, -1.0):
        _eye(canvas, head, s)
        _brow(canvas, head, s, hair)


def _nose_lines(canvas: skia.Canvas, head: Head) -> None:
    f = head.face
    w, ny, tip, s = f.nose_width, head.nose_y, head.middle + head.yaw * 3.4, -head.side
    root = head.middle * 0.82
    bridge = [(root + s * 3.2, head.eye_y - 5), (root + s * 2.5, head.eye_y + 3),
              (tip + s * w * 0.62, ny * 0.72)]
    swell(canvas, bridge, head.deep, 1.2, 0.55)
    for k in (1.0, -1.0):
        wing = [(tip + k * w * 0.82, ny - 4), (tip + k * w * 1.08, ny - 1.2), (tip + k * w * 0.66, ny + 0.6)]
        swell(canvas, wing, head.deep, 1.3, 0.85 if k == s else 0.5)
        fill(canvas, oval(tip + k * w * 0.45, ny + 0.1, w * 0.25, 1.05), head.deep, 0.9)
    swell(canvas, [(tip - w * 0.3, ny + 1.2), (tip, ny + 1.9), (tip + w * 0.3, ny + 1.2)], head.deep, 0.9,
          0.6)


def _mouth(canvas: skia.Canvas, head: Head) -> None:
    f, t, side = head.face, head.traits, head.side
    up, opened, factor, _, _ = _MOODS[t.look.mood]
    x, y = head.middle + head.yaw * 1.0, head.mouth_y
    room = (head.chin_y - head.mouth_y) * 0.52
    m = f.mouth * factor * math.cos(head.turn * 0.8)
    near = 1.0 + 0.12 * abs(head.yaw)
    left = (x - m * (near if head.yaw > 0 else 2 - near), y - up)
    right = (x + m * (near if head.yaw < 0 else 2 - near), y - up)
    opened = min(opened, room * 0.85)
    full = min(3.6 * f.lips * (0.6 if t.look.mood is Mood.SOUR else 1.0), (room * 1.25 - opened * 0.7) * 0.7)
    dip = up * 0.35
    upper_y, lower_y = y + dip - opened * 0.32, y + dip + opened * 0.68
    upper = [
        left, (x - m * 0.42, upper_y - full * 0.75), (x - m * 0.14, upper_y - full * 1.02), (x,
            upper_y - full * 0.72),
        (x + m * 0.14, upper_y - full * 1.02), (x + m * 0.42, upper_y - full * 0.75), right,
    ]
    inner_top = [right, (x + m * 0.45, upper_y + 0.2), (x, upper_y + 0.5), (x - m * 0.45, upper_y + 0.2),
                 left]
    inner_low = [left, (x - m * 0.45, lower_y), (x, lower_y + 0.6), (x + m * 0.45, lower_y), right]
    lower = [right, (x + m * 0.5, lower_y + full * 1.0), (x, lower_y + full * 1.32),
             (x - m * 0.5, lower_y + full), left]
    if opened:
        hollow = curve([*inner_low, *inner_top[1:-1]], tension=0.9)
        fill(canvas, hollow, mix((0.3, 0.06, 0.1), head.shade, 0.35))
        with clipped(canvas, hollow):
            tooth = (0.97, 0.94, 0.85)
            depth = opened * (0.62 if t.look.mood is Mood.GRIN else 0.34)
            row = [(x - m, y - up - 2), (x + m, y - up - 2), (x + m * 0.8, upper_y + depth),
                   (x, upper_y + depth + 0.9),
                   (x - m * 0.8, upper_y + depth)]
            fill(canvas, curve(row, tension=0.5), tooth)
            for k in range(-2, 3):
                gap = curve([(x + k * m * 0.24, upper_y - 1), (x + k * m * 0.23, upper_y + depth)],
                            closed=False)
                line(canvas, gap, (0.6, 0.5, 0.5), 0.45, 0.6)
            glow(canvas, x, lower_y + 0.6, m * 0.55, opened * 0.34, (0.8, 0.3, 0.33), 0.95)
    red = t.lips
    fill(canvas, curve([*lower[::-1], *inner_low[::-1][1:-1]], tension=0.9), lighten(red, 0.05))
    glow(canvas, x + side * m * 0.25, lower_y + full * 0.62, m * 0.35, full * 0.42,
         lighten(mix(red, head.bright, 0.5), 0.08), 0.8)
    fill(canvas, curve([*upper, *inner_top[1:-1]], tension=0.9), mix(lighten(red, -0.09), head.shade, 0.12))
    swell(canvas, inner_top if opened else [left, (x - m * 0.4, upper_y), (x, upper_y + 0.7),
                                            (x + m * 0.4, upper_y), right],
          head.deep, 1.7, 0.95, ends=0.4)
    for corner, s in ((left, -1.0), (right, 1.0)):
        tuck = [(corner[0] - s * 0.4, corner[1] - 0.4), (corner[0] + s * 1.2,
                                                         corner[1] - 0.6 * (1 if up > 0 else -1.5)),
                (corner[0] + s * 2.0, corner[1] + (-1.6 if up > 0 else 1.8))]
        swell(canvas, tuck, head.deep, 1.1, 0.7)
    swell(canvas, [(x - m * 0.4, lower_y + full * 1.5), (x, lower_y + full * 1.75),
                   (x + m * 0.4, lower_y + full * 1.5)],
          head.dark, 1.5, 0.9)


def _eye(canvas: skia.Canvas, head: Head, s: float) -> None:
    f, t, side = head.face, head.traits, head.side
    x, short = head.eye(s)
    y, ew = head.eye_y, f.eye * short
    lids = t.look.lids * (0.82 if t.look.mood is Mood.GRIN else 1.0)
    tall = f.eye * 0.62 * lids
    slant = f.slant
    def at(k: float, dy: float) -> Point:
        # k runs from the inner corner (-1) to the outer one (+1)
        return x + s * k * ew, y + dy - slant * 0.5 * k

    if lids < 0.1:
        lid = [at(-1, 1.0), at(-0.4, 3.2), at(0.2, 3.8), at(0.7, 2.6), at(1.05, 0.6)]
        fill(canvas, curve([*lid, at(0.5, -3.6), at(-0.4, -3.6)]), mix(head.skin, head.dark, 0.25))
        glow(canvas, *at(0, -0.5), ew * 0.7, 2.4, head.bright, 0.6)
        swell(canvas, lid, head.deep, 2.3, 0.95, ends=0.4)
        for k in (-0.2, 0.3, 0.75):
            swell(canvas, [at(k, 3), at(k + 0.1, 4.6), at(k + 0.24, 6)], head.deep, 1.0, 0.9)
        swell(canvas, [at(-0.9, -2.6), at(0, -5.2), at(0.95, -2.8)], head.deep, 1.1, 0.6)
        return
    upper = [at(-1, 1.0), at(-0.62, -tall * 0.72), at(-0.05, -tall * 1.12), at(0.55, -tall * 0.8),
             at(1.02, -0.2)]
    lower = [at(0.6, tall * 0.62), at(0.0, tall * 0.8), at(-0.6, tall * 0.6)]
    ball = curve([*upper, *lower])
    lid = [at(-1.04, 0.0), at(-0.66, -tall - 2.6), at(0.0, -tall * 1.12 - 3.6), at(0.66, -tall - 2.2),
           at(1.15, -0.8)]
    fill(canvas, curve([*lid, *upper[::-1]]), mix(mix(head.skin, head.bright, 0.2), head.dark, 0.25), 0.9)
    white = mix((0.97, 0.95, 0.9), head.skin, 0.1)
    fill(canvas, ball, white)
    with clipped(canvas, ball):
        glow(canvas, *at(-1.0, 0.8), ew * 0.5, tall, mix(head.skin, (0.8, 0.3, 0.3), 0.4), 0.7)
        glow(canvas, x - side * ew, y, ew * 0.9, tall * 1.6, mix(white, head.shade, 0.5), 0.55)
        gx, gy = t.look.gaze
        ix, iy = x + gx * ew * 0.42, y + gy * tall * 0.34 - 0.2
        r = f.eye * 0.54
        fill(canvas, oval(ix, iy, r * min(1, short), r), mix(lighten(t.iris, -0.16), head.shade, 0.3))
        fill(canvas, oval(ix, iy, r * 0.82 * min(1, short), r * 0.82), t.iris)
        glow(canvas, ix - side * r * 0.3, iy + r * 0.45, r * 0.7, r * 0.5, lighten(saturate(t.iris, 1.3),
            0.2), 0.9)
        fill(canvas, oval(ix, iy, r * 0.44, r * 0.46), mix((0.05, 0.03, 0.08), head.shade, 0.2))
        shadow = [*upper, at(0.8, -tall * 0.2), at(0.0, -tall * 0.62), at(-0.8, -tall * 0.1)]
        fill(canvas, curve(shadow), mix(head.shade, head.dark, 0.4), 0.42)
        fill(canvas, oval(ix + side * r * 0.36, iy - r * 0.36, r * 0.26, r * 0.26), (1.0, 0.99, 0.95))
        fill(canvas, oval(ix - side * r * 0.4, iy + r * 0.42, r * 0.13, r * 0.13), (1.0, 0.97, 0.9), 0.7)
    swell(canvas, [at(0.95, 0.6), *lower, at(-0.95, 1.4)], head.deep, 0.95, 0.75, ends=0.5)
    lash = mix(head.deep, (0.1, 0.05, 0.1), 0.5)
    swell(canvas, [at(-1.1, 1.4), *upper[1:], at(1.16, -0.9)], lash, 2.6 if t.feminine else 2.0, 0.97,
          ends=0.45)
    if t.feminine:
        for k, reach in ((0.62, 2.4), (0.86, 3.0), (1.06, 3.0)):
            root = at(k, -tall * (1.04 - k * 0.72))
            swell(canvas, [root, (root[0] + s * 1.1, root[1] - reach * 0.5),
                           (root[0] + s * 2.4, root[1] - reach)], lash, 1.25, 0.9)
    swell(canvas, lid, head.deep, 1.15, 0.7)


def _brow(canvas: skia.Canvas, head: Head, s: float, hair: Color) -> None:
    f, t = head.face, head.traits
    _, _, _, inner, outer = _MOODS[t.look.mood]
    x, short = head.eye(s)
    y, ew = head.eye_y - f.eye * 0.62 * max(0.7, t.look.lids) - 7.2, f.eye * short
    points = [
        (x - s * ew * 0.98, y + 1.2 - inner),
        (x - s * ew * 0.3, y - 1.4 - inner * 0.75 - outer * 0.2),
        (x + s * ew * 0.5, y - 2.2 - outer * 0.8),
        (x + s * ew * 1.25, y + 1.6 - outer),
    ]
    color = mix(lighten(hair, -0.1), head.deep, 0.35)
    thick = f.brow
    fill(canvas, limb(points, (thick * 0.9, thick * 1.15, thick * 0.85, 0.5)), color, 0.9)
    for k in range(5):
        bx = x - s * ew * (0.9 - k * 0.36)
        by = y + 0.4 - inner * (1 - k / 4) - outer * k / 4 - (1.6 if 0 < k < 4 else 0)
        swell(canvas, [(bx, by + thick * 0.4), (bx + s * 0.8, by - thick * 0.3),
                       (bx + s * 2.2, by - thick * 0.6)], color, 0.9, 0.8)
