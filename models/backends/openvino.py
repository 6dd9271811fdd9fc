"""OpenVINO: on CPUs the fastest so far, and it needs no compiler at the venue.

A span is traced once, turned into OpenVINO's own graph and kept on disk; the next start does without.
"""

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models import stylegan2, stylegan2_play, stylegan3, stylegan3_play
from models.backends import cache
from models.backends.backend import Backend, BackendError
from models.families import playable
from models.network import Network
from models.playable import Playable, Span, State

HINTS = {"bfloat16": "bf16", "float16": "f16", "float32": "f32"}
CAPABILITIES = {"bfloat16": "BF16", "float16": "FP16", "float32": "FP32"}


def precisions() -> list[str]:
    """What this CPU computes at full speed, the fastest first. Raises BackendError."""
    try:
        import openvino
    except ImportError:
        raise BackendError("openvino is not installed") from None
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return [precision for precision, capability in CAPABILITIES.items() if capability in able]


class OpenVino(Backend):
    """One compiled model for each span and batch, traced in float32. The precision is a hint."""

    name = "openvino"

    def __init__(self, network: Network, precision: str, identity: str) -> None:
        """`identity`: what the network's weights are known by, "" for weights that are not worth keeping."""
        super().__init__(network.layers, precision)
        import openvino

        self._core: Any = openvino.Core()
        self._play: Playable = playable(network, torch.float32)
        self._identity = identity
        self._requests: dict[tuple[tuple[int, int, bool], int], Any] = {}

    def begin(self, ws: Tensor) -> State:
        return self._play.begin(ws)

    def run(
        self, span: tuple[int, int, bool], ws: Tensor, noise: Tensor, master: Tensor, state: State
    ) -> State:
        inputs = (ws, noise, master, *state)
        key = (span, len(ws))
        if key not in self._requests:
            self._requests[key] = self._compiled(span, inputs).create_infer_request()
        request = self._requests[key]
        request.infer({index: x.contiguous().numpy() for index, x in enumerate(inputs)}, share_inputs=True)
        outputs = [request.get_output_tensor(i).data for i in range(len(request.model_outputs))]
        return tuple(torch.from_numpy(np.array(x) if span[2] else x) for x in outputs)

    def _compiled(self, span: tuple[int, int, bool], inputs: State) -> Any:
        shapes = [tuple(x.shape) for x in inputs]
        key = hashlib.sha256(repr((self._identity, _recipe(), span, shapes)).encode()).hexdigest()[:32]
        path = cache.folder() / "openvino" / f"{key}.xml"
        model = self._kept(path)
        if model is None:
            model = _convert(Span(self._play, *span), inputs)
            if self._identity:
                self._keep(model, path)
        settings = {
            "INFERENCE_PRECISION_HINT": HINTS[self.precision],
            "PERFORMANCE_HINT": "LATENCY",
            # The show process and a browser want the same cores; threads that may move get out of their way.
            "ENABLE_CPU_PINNING": False,
        }
        return self._core.compile_model(model, "CPU", settings)

    def _kept(self, path: Path) -> Any | None:
        if not (self._identity and path.exists()):
            return None
        try:
            return self._core.read_model(path)
        except RuntimeError:
            # Cut short by a power failure, or by another version: as if it were not there.
            return None

    def _keep(self, model: Any, path: Path) -> None:
        import openvino

        def write(part: Path) -> None:
            openvino.save_model(model, part, compress_to_fp16=False)

        cache.keep(path, (".xml", ".bin"), write)


def _convert(span: Span, inputs: State) -> Any:
    """A span as an OpenVINO model with static shapes, its inputs in the span's order."""
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with torch.inference_mode(), warnings.catch_warnings():
        # Tracing is deprecated in favour of torch.export, but the graph that comes of that takes twice as
        # long for each frame (512 px, measured with torch 2.13 and OpenVINO 2026.4).
        warnings.simplefilter("ignore", DeprecationWarning)
        traced = torch.jit.freeze(torch.jit.trace(span, inputs, check_trace=False).eval())  # type: ignore[no-untyped-call]
    # The decoder has to outlive the conversion.
    decoder = TorchScriptPythonDecoder(traced)
    frontend = FrontEndManager().load_by_framework("pytorch")
    loaded = frontend.load(decoder)
    model = frontend.convert(loaded)
    for port, example in zip(model.inputs, inputs, strict=True):
        port.get_node().set_partial_shape(openvino.PartialShape(list(example.shape)))
        port.get_node().set_element_type(openvino.Type.f32)
    model.validate_nodes_and_infer_types()
    return model


def _recipe() -> str:
    """What a kept graph depends on besides its weights: our formulas, and the libraries that turned them."""
    import openvino

    modules = (stylegan2, stylegan2_play, stylegan3, stylegan3_play)
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)
    return f"{hashlib.sha256(sources).hexdigest()} {openvino.__version__} {torch.__version__}"
