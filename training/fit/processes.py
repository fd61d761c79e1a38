"""Several processes as `torchrun` starts them: each takes its part of the batch."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from training.fit.network import SegmentationNetwork


@contextmanager
def joined() -> Iterator[None]:
    """Join the processes that torchrun started; without torchrun nothing happens."""
    if "WORLD_SIZE" not in os.environ or distributed.is_initialized():
        yield
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def processes() -> int:
    """How many take part; 1 without torchrun."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this one is; only number 0 writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def wait_for_others() -> None:
    """Return when every process is here."""
    if distributed.is_initialized():
        distributed.barrier()


def device_of(name: str) -> torch.device:
    """`auto` is the process's own GPU where there is one."""
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


class Coarse(nn.Module):
    """A network whose `forward` is what is trained: DistributedDataParallel hooks into that."""

    def __init__(self, network: SegmentationNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Coarse logits."""
        return self.network.coarse(image)


def in_parallel(network: SegmentationNetwork, device: torch.device) -> nn.Module:
    """The coarse network, its gradients averaged over the processes where there are several.

    BatchNorm sees the pictures of its own process on a CPU (torch has SyncBatchNorm for GPUs only).
    """
    if processes() == 1:
        return Coarse(network)
    if device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return DistributedDataParallel(Coarse(network), device_ids=[device.index])
    return DistributedDataParallel(Coarse(network))
