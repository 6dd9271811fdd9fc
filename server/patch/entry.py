"""One line of the patch."""

import math
from dataclasses import dataclass
from typing import Literal

EventName = Literal["go", "back", "hold", "resume", "panic", "blackout", "take", "skip"]
CurveName = Literal["linear", "square", "root"]


@dataclass(frozen=True, slots=True)
class PatchEntry:
    """One line of the patch: an address pattern, and the control or the event that it means.

    address     segments between slashes; {seat} stands for any one seat, other {names} for any one segment
    control     name of the control that follows the value; may use the placeholders. Or:
    event       what happens on the rising edge of the value, or on a message without arguments
    range       the sensor's values for 0 and 1; what lies outside is clamped. Backwards inverts the sensor
    curve       of the value between 0 and 1: linear, square (finer at the bottom), root (finer at the top)
    smoothing   s, time constant with which the control follows; the same at any message rate
    threshold   0..1, after the curve: the control becomes a gate, 1 from here on, else 0. An event without
                a threshold rises at 0.5
    hysteresis  a gate falls below threshold - hysteresis
    hold        s: shortest time between two events; shortest time that a gate stays on
    silence     s without a message after which the sensor counts as silent; None: it keeps its last value
    idle, decay the control's value in silence, and the time constant (s) with which it goes there
    """

    address: str
    control: str | None = None
    event: EventName | None = None
    range: tuple[float, float] = (0.0, 1.0)
    curve: CurveName = "linear"
    smoothing: float = 0.1
    threshold: float | None = None
    hysteresis: float = 0.0
    hold: float = 0.0
    idle: float = 0.0
    silence: float | None = None
    decay: float = 1.0

    def shape(self, value: float) -> float:
        """The sensor's value as 0..1: range, then curve."""
        lo, hi = self.range
        level = min(1.0, max(0.0, (value - lo) / (hi - lo)))
        match self.curve:
            case "linear":
                return level
            case "square":
                return level * level
            case "root":
                return math.sqrt(level)
