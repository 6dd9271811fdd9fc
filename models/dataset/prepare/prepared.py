"""What came of a preparation: the manifests of its stages, and why there is no split where there is none."""

from dataclasses import dataclass, field

from models.dataset.prepare.manifest import Lines

TRAIN, HELD_OUT = "train", "held-out"


@dataclass(slots=True)
class Prepared:
    """The stages that have run, in order; their lines stay on disk."""

    lines: dict[str, Lines] = field(default_factory=dict)
    refusal: str = ""
    """Why there is no split; empty where there is one."""

    @property
    def made(self) -> str:
        """The last stage that says which pictures there are."""
        return "split" if "split" in self.lines else "compose"
