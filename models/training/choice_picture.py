"""The choice as a picture: KID with its deviation and recall over kimg, the chosen snapshot marked."""

from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

from models.training.choice import Choice, Snapshot

WIDTH, HEIGHT, LEFT, RIGHT, GAP = 1200, 720, 110, 40, 70
TOP = 70
NIGHT, SURFACE, INK, SOFT, LAMP, BAND = "#0a0807", "#16120f", "#f1e7d8", "#b3a593", "#f0b35a", "#4a3a22"
LINE, SMALL, LARGE = 4, 22, 30

Value = Callable[[Snapshot], float]
Points = list[tuple[float, float]]


class Panel:
    """A plot: x is kimg, y goes from `low` to `high`, in pixels of the picture from `top` to `bottom`.

    What is higher lies at the top.
    """

    def __init__(
        self, draw: ImageDraw.ImageDraw, top: int, bottom: int, last: float, low: float, high: float
    ) -> None:
        self.draw, self.top, self.bottom = draw, top, bottom
        self._last, self._low, self._high = max(last, 1.0), low, high if high > low else low + 1.0
        draw.rectangle((LEFT, top, WIDTH - RIGHT, bottom), SURFACE)
        for value, y in ((self._high, top), (low, bottom)):
            draw.text((LEFT - 14, y), f"{value:.3g}", SOFT, _font(SMALL), "rm")

    def at(self, kimg: float, value: float) -> tuple[float, float]:
        share = (min(value, self._high) - self._low) / (self._high - self._low)
        x = LEFT + (WIDTH - RIGHT - LEFT) * kimg / self._last
        return x, self.bottom - share * (self.bottom - self.top)

    def line(self, snapshots: Sequence[Snapshot], value: Value) -> None:
        """A disc is a snapshot that may be chosen, a cross one that copies."""
        self.draw.line([self.at(each.kimg, value(each)) for each in snapshots], INK, LINE, "curve")
        for each in snapshots:
            if value(each) > self._high:
                continue
            x, y = self.at(each.kimg, value(each))
            if each.passed:
                self.draw.circle((x, y), 7, INK)
            else:
                self.draw.line((x - 10, y - 10, x + 10, y + 10), INK, LINE)
                self.draw.line((x - 10, y + 10, x + 10, y - 10), INK, LINE)

    def chosen(self, kimg: float, value: float) -> None:
        x, y = self.at(kimg, value)
        self.draw.line((x, self.top, x, self.bottom), LAMP, 2)
        self.draw.polygon([(x, y - 17), (x + 17, y), (x, y + 17), (x - 17, y)], LAMP)


def picture(choice: Choice) -> Image.Image:
    """1200 x 720, RGB."""
    snapshots, chosen = choice.snapshots, choice.chosen
    image = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    draw = ImageDraw.Draw(image)
    last = snapshots[-1].kimg
    edge: list[Points] = [[], []]
    # A run begins so far above its best that nothing else would show: what came before may end at the top.
    best = min((each for each in snapshots if each.passed), key=lambda each: each.kid)
    since = [each for each in snapshots if each.kimg >= best.kimg]
    shown = max(each.kid + each.deviation for each in (chosen, *since))
    highest = max(each.kid + each.deviation for each in snapshots)
    highest = min(highest, max(4 * (best.kid + best.deviation), shown))
    lowest = min(0.0, *(each.kid - each.deviation for each in snapshots))
    middle = HEIGHT * 3 // 5
    kid = Panel(draw, TOP, middle, last, lowest, highest)
    for each in snapshots:
        edge[0].append(kid.at(each.kimg, each.kid + each.deviation))
        edge[1].append(kid.at(each.kimg, each.kid - each.deviation))
    if len(snapshots) > 1:
        draw.polygon(edge[0] + edge[1][::-1], BAND)
    kid.line(snapshots, lambda each: each.kid)
    kid.chosen(chosen.kimg, chosen.kid)
    recall = Panel(draw, middle + GAP, HEIGHT - 60, last, 0.0, 1.0)
    _dotted(draw, *recall.at(0, choice.least_recall))
    recall.line(snapshots, lambda each: each.recall)
    recall.chosen(chosen.kimg, chosen.recall)
    draw.text((LEFT, TOP - 14), "KID, lower is better", INK, _font(LARGE), "ls")
    draw.text((WIDTH - RIGHT, TOP - 14), f"chosen: {chosen.kimg:g} kimg", LAMP, _font(LARGE), "rs")
    draw.text((LEFT, middle + GAP - 14), "recall, at least the dotted line", INK, _font(LARGE), "ls")
    draw.text((LEFT, HEIGHT - 48), "0", SOFT, _font(SMALL), "la")
    draw.text((WIDTH - RIGHT, HEIGHT - 48), f"{last:g} kimg", SOFT, _font(SMALL), "ra")
    if not all(each.passed for each in snapshots):
        draw.text((WIDTH // 2, HEIGHT - 48), "x: copies training pictures", SOFT, _font(SMALL), "ma")
    return image


def _dotted(draw: ImageDraw.ImageDraw, left: float, y: float) -> None:
    for x in range(int(left), WIDTH - RIGHT, 16):
        draw.line((x, y, x + 6, y), SOFT, 2)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
