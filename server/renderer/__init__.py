"""The renderer: a child process that turns snapshots into frames, and the supervisor that keeps it alive."""

from typing import Literal

Backend = Literal["auto", "float32", "half", "compile", "cudagraph", "openvino"]
"""How a network is computed; "auto" tries what the machine has."""
