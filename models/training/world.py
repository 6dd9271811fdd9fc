"""The processes of a run: one alone, or as many as torchrun starts, each with a GPU of its own.

The networks are not wrapped: penalties differentiate twice, so each process works out its own gradients and
they are averaged before the step (as Karras et al. 2020 do it).
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from models.float32 import keep_float32


@dataclass(frozen=True, slots=True)
class World:
    """Process `rank` of `size`, and where it computes."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        if self.size == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = torch.split(flat / self.size, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def average(self, value: Tensor) -> Tensor:
        if self.size > 1:
            value = value.clone()
            dist.all_reduce(value)
            value /= self.size
        return value

    def agree(self, networks: Iterable[nn.Module]) -> None:
        """All take the weights of the first."""
        if self.size > 1:
            for network in networks:
                for tensor in network.state_dict().values():
                    dist.broadcast(tensor, src=0)

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


def join(device: str = "auto") -> World:
    """This process among those of torchrun, which says so in its environment. `device`: auto, cpu or cuda."""
    keep_float32()
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World(torch.device(device))
    where = torch.device(device, int(os.environ["LOCAL_RANK"])) if device == "cuda" else torch.device("cpu")
    if device == "cuda":
        torch.cuda.set_device(where)
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    return World(where, dist.get_rank(), size)
