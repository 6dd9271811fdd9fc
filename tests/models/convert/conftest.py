"""Files to convert: the reference tools' own, and pickles written here in their manner."""

import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture
def ada_pickle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """write(tensors, attributes, protocol=4, judge=None) -> a pickle as StyleGAN's persistence writes it.

    `tensors` by dotted names; `attributes` by the dotted path of their module; `judge`: the tensors of D.
    """

    def rebuild(meta: Any) -> None:
        raise AssertionError("nothing in a file may be called")

    module = ModuleType("torch_utils.persistence")
    rebuild.__module__, rebuild.__qualname__ = "torch_utils.persistence", "_reconstruct_persistent_obj"
    module._reconstruct_persistent_obj = rebuild  # type: ignore[attr-defined]

    class Module:
        def __init__(self, path: str, tensors: dict[str, torch.Tensor], attributes: dict[str, Any]) -> None:
            self.meta: dict[str, Any] = {"type": "class", "version": 6, "module_src": "raise SystemExit"}
            self.meta["class_name"] = "Generator"
            prefix = f"{path}." if path else ""
            inner = sorted(name.removeprefix(prefix) for name in tensors if name.startswith(prefix))
            own = {name: tensors[prefix + name] for name in inner if "." not in name}
            children = dict.fromkeys(name.split(".")[0] for name in inner if "." in name)
            self.meta["state"] = {
                "_parameters": {n: torch.nn.Parameter(t) for n, t in own.items() if n != "w_avg"},
                "_buffers": OrderedDict((n, t) for n, t in own.items() if n == "w_avg"),
                "_non_persistent_buffers_set": set(),
                "_modules": OrderedDict((n, Module(prefix + n, tensors, attributes)) for n in children),
                **attributes.get(path, {}),
            }

        def __reduce__(self) -> Any:
            return rebuild, (self.meta,)

    def write(
        tensors: dict[str, torch.Tensor], attributes: dict[str, Any], protocol: int = 4,
        judge: dict[str, torch.Tensor] | None = None,
    ) -> Path:  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "torch_utils", ModuleType("torch_utils"))
            patch.setitem(sys.modules, "torch_utils.persistence", module)
            held = {"G": None, "D": judge and Module("", judge, {}), "G_ema": Module("", tensors, attributes)}
            data = pickle.dumps(held, protocol)
        path = tmp_path / f"made-{protocol}.pkl"
        path.write_bytes(data)
        return path

    return write
