"""Tensors between a function's own processes, without the sockets that PyTorch would use and the guard refuses."""

from __future__ import annotations

import sys
from multiprocessing.reduction import ForkingPickler
from typing import Any


def pass_by_value() -> None:
    """Have the workers of a `DataLoader` send copies through their pipes; nothing happens without PyTorch.

    Of PyTorch's two ways to share memory, one sends file descriptors over UNIX sockets, the other asks a manager
    process over one. A copy costs a little time and needs neither.
    """
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "multiprocessing"):
        return
    torch.multiprocessing.set_sharing_strategy("file_descriptor")
    for kind in (torch.Tensor, torch.nn.Parameter, torch.UntypedStorage, torch.storage.TypedStorage):
        ForkingPickler.register(kind, _plainly)


def _plainly(value: Any) -> Any:
    return value.__reduce_ex__(2)
