"""Pickles read as data: a stack machine that builds plain values and notes of calls, and calls nothing.

Python's unpickler looks names up and calls what it finds. This one keeps a name as a `Name`, a call as a
`Call`, two plain records, so there is nothing that a file could run. Names outside `NAMES` are refused all
the same: a file that needs them is not of a kind that the readers behind this one understand.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from models.convert.errors import ConvertError

MAX_STEPS = 5_000_000
MAX_STACK = 1_000_000

_STORAGES = ("Float", "Half", "Double", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")

NAMES = frozenset(
    {
        ("_codecs", "encode"),
        ("argparse", "Namespace"),
        ("collections", "OrderedDict"),
        ("dnnlib", "EasyDict"),
        ("dnnlib.tflib.network", "Network"),
        ("dnnlib.util", "EasyDict"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy.core.numeric", "_frombuffer"),
        ("torch", "Size"),
        ("torch", "device"),
        ("torch._utils", "_rebuild_parameter"),
        ("torch._utils", "_rebuild_parameter_with_state"),
        ("torch._utils", "_rebuild_tensor"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("torch.storage", "_load_from_bytes"),
        ("torch_utils.persistence", "_reconstruct_persistent_obj"),
    }
    | {(module, name) for module in _NUMPY for name in ("_reconstruct", "scalar")}
    | {(module, name) for module in ("builtins", "__builtin__") for name in ("set", "frozenset", "bytearray")}
    | {("torch", f"{kind}Storage") for kind in _STORAGES}
)
"""Every (module, name) that a file may mention."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the file mentions. It is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, slots=True)
class Call:
    """What the file would have called, with what: arguments, then items set, then its state."""

    name: Name
    args: tuple[Any, ...]
    items: dict[Any, Any] = field(default_factory=dict)
    state: Any = None


@dataclass(eq=False, slots=True)
class Persistent:
    """An object that lies outside the pickle, by its id."""

    id: Any


_MARK = object()
_KEYS = (str, int, float, bytes, type(None))

_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": list,
}  # fmt: skip
_LITERALS = frozenset(
    (
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
        "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
    )
)  # fmt: skip


def parse(
    data: BytesIO, *, persistent: bool = False, progress: Callable[[float], None] = lambda share: None
) -> Any:
    """The value of the pickle that starts where `data` stands, which is left behind its end.

    Dicts, lists, tuples, numbers, text and bytes come back as such, sets as lists, all else as records.
    `persistent`: whether ids of objects outside the pickle are expected. `progress` hears the share of `data`
    that has been read. Raises ConvertError.
    """
    machine = _Machine(persistent)
    length = len(data.getbuffer())
    try:
        for step, (opcode, argument, position) in enumerate(pickletools.genops(data)):
            if step > MAX_STEPS or len(machine.stack) > MAX_STACK:
                raise ConvertError("its pickle is too large to be a network's")
            if step % 1024 == 0:
                progress((position or 0) / length)
            machine.do(opcode.name, argument)
    # What genops and a stack that runs empty raise on junk; a file of junk may do nothing else.
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, UnicodeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ConvertError(f"its pickle is damaged or cut short ({reason})") from None
    return machine.result()


class _Machine:
    """One pickle in progress."""

    def __init__(self, persistent: bool) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._persistent = persistent

    def result(self) -> Any:
        if len(self.stack) != 1 or self.stack[0] is _MARK:
            raise ConvertError("its pickle is damaged: it leaves no single value")
        return self.stack[0]

    def do(self, opcode: str, argument: Any) -> None:
        stack = self.stack
        if opcode in _LITERALS:
            stack.append(bytes(argument) if isinstance(argument, bytearray) else argument)
        elif opcode in _CONSTANTS:
            stack.append(_CONSTANTS[opcode]())
        else:
            self._structure(opcode, argument)

    def _structure(self, opcode: str, argument: Any) -> None:
        stack = self.stack
        match opcode:
            case "PROTO" | "FRAME" | "STOP":
                pass
            case "MARK":
                stack.append(_MARK)
            case "POP":
                stack.pop()
            case "POP_MARK":
                self._to_mark()
            case "DUP":
                stack.append(stack[-1])
            case "MEMOIZE":
                self._memo[len(self._memo)] = self._top()
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self._memo[argument] = self._top()
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(self._memo[argument])
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                stack.append(tuple(self._pop(int(opcode[-1]))))
            case "TUPLE" | "FROZENSET":
                stack.append(tuple(self._to_mark()))
            case "LIST":
                stack.append(self._to_mark())
            case "DICT":
                stack.append(_set({}, self._to_mark()))
            case "APPEND":
                self._extend(self._pop(1))
            case "APPENDS" | "ADDITEMS":
                self._extend(self._to_mark())
            case "SETITEM":
                self._set_items(self._pop(2))
            case "SETITEMS":
                self._set_items(self._to_mark())
            case "GLOBAL" | "INST":
                module, _, name = argument.partition(" ")
                named = _name(module, name)
                stack.append(Call(named, tuple(self._to_mark())) if opcode == "INST" else named)
            case "STACK_GLOBAL":
                stack.append(_name(*self._pop(2)))
            case "REDUCE" | "NEWOBJ":
                called, args = self._pop(2)
                stack.append(_call(called, args))
            case "OBJ":
                called, *rest = self._to_mark()
                stack.append(_call(called, tuple(rest)))
            case "BUILD":
                built, state = self._top(2), self._pop(1)[0]
                if not isinstance(built, Call) or built.state is not None:
                    raise ConvertError("its pickle gives a state to what can have none")
                built.state = state
            case "PERSID" | "BINPERSID":
                if not self._persistent:
                    raise ConvertError("its pickle points at objects outside itself (persistent ids)")
                stack.append(Persistent(argument if opcode == "PERSID" else self._pop(1)[0]))
            case _:
                raise ConvertError(f"its pickle uses {opcode}, which no network file needs")

    def _top(self, depth: int = 1) -> Any:
        if len(self.stack) < depth or self.stack[-depth] is _MARK:
            raise ConvertError("its pickle is damaged: it reads from an empty stack")
        return self.stack[-depth]

    def _pop(self, count: int) -> list[Any]:
        values = self.stack[-count:]
        if len(values) < count or any(value is _MARK for value in values):
            raise ConvertError("its pickle is damaged: it reads from an empty stack")
        del self.stack[-count:]
        return values

    def _to_mark(self) -> list[Any]:
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ConvertError("its pickle is damaged: a mark is missing")
        values = self.stack[at + 1 :]
        del self.stack[at:]
        return values

    def _extend(self, values: list[Any]) -> None:
        target = self._top()
        if not isinstance(target, list):
            raise ConvertError("its pickle appends to what is no list")
        target.extend(values)

    def _set_items(self, flat: list[Any]) -> None:
        target = self._top()
        if isinstance(target, Call):
            target = target.items
        if not isinstance(target, dict):
            raise ConvertError("its pickle sets items of what is no dict")
        _set(target, flat)


def _name(module: Any, name: Any) -> Name:
    if (module, name) not in NAMES:
        raise ConvertError(f'it needs "{str(module)[:80]}.{str(name)[:80]}", which no network file may name')
    return Name(module, name)


def _call(called: Any, args: Any) -> Call:
    if not isinstance(called, Name) or not isinstance(args, tuple):
        raise ConvertError("its pickle calls what is no name")
    return Call(called, args)


def _set(target: dict[Any, Any], flat: list[Any]) -> dict[Any, Any]:
    if len(flat) % 2:
        raise ConvertError("its pickle is damaged: a key has no value")
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if not isinstance(key, _KEYS):
            raise ConvertError("its pickle has a key that is neither text nor a number")
        target[key] = value
    return target
