"""Arrays out of parsed pickles: NumPy arrays and torch tensors, each checked before it takes memory."""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.convert.errors import ConvertError
from models.convert.pickles import Call, Name, Persistent

Array = NDArray[Any]

# Byte order aside: bool, integers, floats. No objects, no text, no records.
_KINDS = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})

STORAGES = {
    "FloatStorage": "f4", "HalfStorage": "f2", "DoubleStorage": "f8", "BFloat16Storage": "bf16",
    "LongStorage": "i8", "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "b1",
}  # fmt: skip


class Storages(Protocol):
    """Where the numbers of tensors lie: a storage's node in the pickle -> its numbers, one axis."""

    def __call__(self, node: Any) -> Array: ...


@dataclass(slots=True)
class Budget:
    """Bytes that arrays may still take; shared memory in a file must not multiply without end."""

    left: int

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise ConvertError("its tensors claim more memory than a file of its length can fill")


def decode(raw: bytes | memoryview, kind: str) -> Array:
    """Little-endian numbers of a kind, as an array of one axis; bfloat16 becomes float32."""
    if kind == "bf16":
        return (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(raw, np.dtype(kind).newbyteorder("<"))


def width(kind: str) -> int:
    return 2 if kind == "bf16" else np.dtype(kind).itemsize


def is_call(node: Any, *names: str) -> bool:
    return isinstance(node, Call) and node.name.name in names


def integers(value: Any) -> tuple[int, ...]:
    """A tuple of whole numbers of at least 0. Raises ConvertError."""
    if is_call(value, "Size"):
        value = value.args[0] if value.args else ()
    plain = isinstance(value, tuple | list) and len(value) <= 16
    if not plain or any(type(item) is not int or not 0 <= item < 2**48 for item in value):
        raise ConvertError("an array's shape is not made of whole numbers")
    return tuple(value)


def raw_bytes(value: Any) -> bytes:
    """Bytes, also as protocols below 3 write them: text in latin-1. Raises ConvertError."""
    if is_call(value, "encode") and len(value.args) == 2 and value.args[1] == "latin1":
        try:
            return str(value.args[0]).encode("latin1")
        except UnicodeError:
            raise ConvertError("an array's bytes are not bytes") from None
    if is_call(value, "bytearray") and len(value.args) == 1:
        value = value.args[0]
    if isinstance(value, str) and value.isascii():
        value = value.encode()
    if not isinstance(value, bytes):
        raise ConvertError("an array's bytes are not bytes")
    return value


def _dtype(node: Any) -> np.dtype[Any]:
    if not is_call(node, "dtype") or not node.args or str(node.args[0]).lstrip("<>|=") not in _KINDS:
        named = node.args[0] if is_call(node, "dtype") and node.args else type(node).__name__
        raise ConvertError(f'an array holds "{str(named)[:40]}" where numbers were expected')
    order = node.state[1] if isinstance(node.state, tuple) and len(node.state) > 1 else "<"
    return np.dtype(str(node.args[0]).lstrip("<>|=")).newbyteorder(">" if order == ">" else "<")


def _shaped(raw: Any, dtype: np.dtype[Any], shape: tuple[int, ...], order: str, budget: Budget) -> Array:
    data = raw_bytes(raw)
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ConvertError(f"an array of the shape {shape} has {len(data)} bytes, which does not fit")
    budget.take(len(data))
    return np.frombuffer(data, dtype).reshape(shape, order="F" if order == "F" else "C")


def array(node: Any, budget: Budget) -> Array:
    """A NumPy array or scalar. Raises ConvertError for anything else, and for arrays of objects."""
    if is_call(node, "_reconstruct"):
        state = node.state
        if not isinstance(state, tuple) or len(state) != 5:
            raise ConvertError("a NumPy array has no contents")
        _, shape, dtype, fortran, data = state
        return _shaped(data, _dtype(dtype), integers(shape), "F" if fortran else "C", budget)
    if is_call(node, "_frombuffer") and len(node.args) == 4:
        data, dtype, shape, order = node.args
        return _shaped(data, _dtype(dtype), integers(shape), str(order), budget)
    if is_call(node, "scalar") and len(node.args) == 2:
        return _shaped(node.args[1], _dtype(node.args[0]), (), "C", budget)
    raise ConvertError(f"expected a NumPy array, not {describe(node)}")


def tensor(node: Any, storages: Storages, budget: Budget) -> Array:
    """A torch tensor or parameter, as a NumPy array. Raises ConvertError for anything else."""
    if is_call(node, "_rebuild_parameter", "_rebuild_parameter_with_state") and node.args:
        node = node.args[0]
    if not is_call(node, "_rebuild_tensor", "_rebuild_tensor_v2") or len(node.args) < 4:
        raise ConvertError(f"expected a tensor, not {describe(node)}")
    storage, offset, size, stride = node.args[:4]
    numbers = storages(storage)
    (start,), shape, steps = integers((offset,)), integers(size), integers(stride)
    count = math.prod(shape)
    last = start + sum((length - 1) * step for length, step in zip(shape, steps, strict=False))
    if len(shape) != len(steps) or count > len(numbers) or (count and last >= len(numbers)):
        raise ConvertError(f"a tensor of the shape {shape} reaches beyond its {len(numbers)} stored numbers")
    budget.take(count * numbers.itemsize)
    if not count:
        return np.zeros(shape, numbers.dtype)
    bytes_apart = tuple(step * numbers.itemsize for step in steps)
    return np.lib.stride_tricks.as_strided(numbers[start:], shape, bytes_apart, writeable=False).copy()


def mapping(node: Any, what: str) -> dict[Any, Any]:
    """A dict, however it was written. Raises ConvertError, which names `what`."""
    if isinstance(node, Call):
        match node.name.name:
            case "OrderedDict":
                node = _pairs(node.args[0], what) | node.items if node.args else node.items
            case "EasyDict":
                node = node.items
            case "Namespace":
                node = node.state
    if not isinstance(node, dict):
        raise ConvertError(f"{what} is not a table but {describe(node)}")
    return node


def _pairs(pairs: Any, what: str) -> dict[str, Any]:
    """A table as protocols below 2 wrote it: a list of pairs."""
    table = {}
    for pair in pairs if isinstance(pairs, list | tuple) else ():
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ConvertError(f"{what} is not a table")
        table[pair[0]] = pair[1]
    return table


def number(node: Any, what: str) -> float:
    """A finite number, NumPy's scalars included. Raises ConvertError, which names `what`."""
    if is_call(node, "scalar"):
        node = array(node, Budget(64)).item()
    if isinstance(node, bool | int | float) and abs(node) < 2.0**63:
        return node
    raise ConvertError(f"{what} is not a number but {describe(node)}")


def describe(node: Any) -> str:
    """What a node is, in a few words, for an error."""
    match node:
        case Call():
            return str(node.name)
        case Name():
            return f"the name {node}"
        case Persistent():
            return "a persistent id"
        case None:
            return "nothing"
        case _:
            return type(node).__name__
