"""A stage to be followed, set by hand."""

from dataclasses import dataclass, field

from server.follow import Readings
from server.renderer.energy import Energy

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def picture(brightness: float = 0.0, motion: float = 0.0) -> Energy:
    """A flag: red, green, blue."""
    return Energy(motion, brightness, (RED, GREEN, BLUE))


@dataclass
class ToyStage:
    energies: dict[str, Energy] = field(default_factory=dict)
    controls: dict[str, float] = field(default_factory=dict)
    master: float = 1.0

    @property
    def readings(self) -> Readings:
        return Readings(self.energies.get, self.controls.get, lambda: self.master)
