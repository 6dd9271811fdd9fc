"""What a reader takes out of a foreign checkpoint: a network in our own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Foreign:
    """A network in Marrow's names and layouts, float32. `about`: what the reader wants remembered."""

    kind: str
    family: str
    config: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.float32]]
    about: Mapping[str, Any]
    discriminator: Mapping[str, NDArray[np.float32]] | None = None
    """What its training judged by, where the file holds it and it was asked for."""
