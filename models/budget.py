"""Whether there is memory for one more network, asked before it is loaded: a refusal costs nothing, a full
machine costs the night."""

from pathlib import Path

import torch

from models.checkpoint import CheckpointError, Header


class NoRoom(CheckpointError, MemoryError):
    """Memory will not do for this network, while others are loaded."""


RESERVE = 0.1
"""The part of what is free that is left alone."""

COPIES = 7
"""How often the weights lie in memory at most while a network is made ready: the file, the network, its
playable form, the graph of that, and the layout that the graph prefers."""

LIVE = 6
"""How many of the largest layer's feature maps are alive at once."""

WORKSPACE = 150 * 2**20


def needed(header: Header, batch: int) -> int:
    """Bytes that loading this network and playing it will take: about twice what was seen on a CPU."""
    largest = max(layer.channels * layer.resolution**2 for layer in header.layers)
    return COPIES * header.path.stat().st_size + LIVE * 4 * largest * batch + WORKSPACE


def free(device: torch.device) -> int:
    """Bytes that may be taken on the device; on a CPU, what the machine and a container's limit leave."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return min(int(psutil.virtual_memory().available), _container_leaves())


def check(header: Header, device: torch.device, batch: int) -> None:
    """Raises NoRoom when memory will not do."""
    wants, has = needed(header, batch), int(free(device) * (1 - RESERVE))
    if wants > has:
        raise NoRoom(
            f"{header.path}: needs about {wants / 2**20:.0f} MiB of {device.type} memory, and "
            f"{has / 2**20:.0f} MiB are free; close other programs, or use a smaller network"
        )


def _container_leaves() -> int:
    """What the control group of this process leaves, in bytes; without a limit, more than any machine has."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        cached = 0
        for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            cached = int(value) if name == "inactive_file" else cached
        return 2**63 if limit == "max" else int(limit) - used + cached
    except (OSError, ValueError):
        return 2**63
