"""Several processes that train one model: started by `torchrun`, counted, never taken for more than there are."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from primum.errors import TrainingError

__all__ = ["World", "join", "refuse_unwrapped"]

T = TypeVar("T")


class World(NamedTuple):
    """The processes of this training. `rank` 0 writes; with `size` 1 there is nobody to wait for."""

    rank: int
    size: int

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def meet(self) -> None:
        """Wait until all processes have come here."""
        if self.size > 1:
            import torch.distributed as dist

            dist.barrier()

    def from_first(self, make: Callable[[], T]) -> T:
        """What the first process makes, in every process. An error there is raised in all of them, so that none waits for nothing."""
        if self.size == 1:
            return make()
        import torch.distributed as dist

        told: list[Any] = [None, None]
        if self.is_first:
            try:
                told[0] = make()
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are told and it is raised again
                told[1] = error
        dist.broadcast_object_list(told, src=0)
        if told[1] is not None:
            raise told[1]
        made: T = told[0]
        return made


def join(processes: int | None) -> World:
    """Join the processes that `torchrun` started; alone without it.

    Raises `TrainingError` unless there are as many as the launch, and `processes` where it is given, say: a launch that silently
    runs alone would train on a share of the data, or take twice the time.
    """
    launched = int(os.environ.get("WORLD_SIZE", "1"))
    if processes is not None and processes != launched:
        raise TrainingError(
            f"processes = {processes}",
            f"is not what was launched ({launched})",
            f"start it with torchrun --nproc_per_node {processes}, or change the setting",
            "WORLD_SIZE",
        )
    if launched == 1:
        return World(0, 1)
    import torch
    import torch.distributed as dist

    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    _refuse_other(dist.get_world_size(), launched)
    return World(dist.get_rank(), launched)


def refuse_unwrapped(trainer: Any, world: World) -> None:
    """Raise `TrainingError` unless the trainer shares its gradients with as many processes as there are."""
    _refuse_other(trainer.args.world_size, world.size)
    from torch.nn.parallel import DistributedDataParallel

    if world.size > 1 and not isinstance(trainer.model_wrapped, DistributedDataParallel):
        raise TrainingError(
            f"a model of {world.size} processes",
            f"is a {type(trainer.model_wrapped).__name__} and shares no gradients",
            "start it with torchrun and no other launcher",
            "rewards.model.distributed",
        )


def _refuse_other(found: int, launched: int) -> None:
    if found != launched:
        raise TrainingError(
            f"{found} processes that train together",
            f"are not the {launched} that were launched",
            "start it with torchrun --nproc_per_node N",
            "torch.distributed",
        )
