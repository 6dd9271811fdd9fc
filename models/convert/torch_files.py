"""torch.save's two formats, read without torch: the zip of today, and the stream that came before it.

    zip     NAME/data.pkl, and NAME/data/KEY for each storage
    stream  five pickles (magic, protocol, system, the object, the keys), then for each key: count, numbers

A stream also hides inside the pickles of modules, one for each storage (`torch.storage._load_from_bytes`).
"""

import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from models.convert.arrays import STORAGES, Array, decode, is_call, raw_bytes, width
from models.convert.errors import ConvertError
from models.convert.pickles import Name, Persistent, parse

MAGIC = 0x1950A86A20F9469CFC6C
STREAM_HEAD = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
ZIP_HEAD = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class _Storage:
    """What a persistent id says of a storage."""

    kind: str
    key: str
    count: int


def _storage(node: Any) -> _Storage:
    """Raises ConvertError for an id that is no storage's."""
    match node.id if isinstance(node, Persistent) else None:
        case ("storage", Name("torch", kind), str(key), _, int(count)) if kind in STORAGES:
            pass
        case ("storage", Name("torch", kind), str(key), _, int(count), None) if kind in STORAGES:
            pass
        case _:
            raise ConvertError("a tensor's storage is not described as torch.save does")
    if count < 0:
        raise ConvertError("a tensor's storage has a length below zero")
    return _Storage(STORAGES[kind], key, count)


@dataclass(slots=True)
class ZipStorages:
    """The storages of a zip, read when they are asked for, and kept."""

    archive: zipfile.ZipFile
    root: str
    _read: dict[str, Array] = field(default_factory=dict)

    def __call__(self, node: Any) -> Array:
        storage = _storage(node)
        if storage.key not in self._read:
            raw = _entry(self.archive, f"{self.root}data/{storage.key}", storage.count * width(storage.kind))
            self._read[storage.key] = decode(raw, storage.kind)
        return self._read[storage.key]


@dataclass(slots=True)
class StreamStorages:
    """The storages of a stream, as slices of it."""

    numbers: dict[str, Array]

    def __call__(self, node: Any) -> Array:
        storage = _storage(node)
        if storage.key not in self.numbers:
            raise ConvertError(f'the storage "{storage.key[:40]}" is missing')
        return self.numbers[storage.key]


def read_zip(data: bytes) -> tuple[Any, ZipStorages]:
    """The object of a zip and its storages. Raises ConvertError."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        heads = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError) as error:
        raise ConvertError(f"its zip is damaged or cut short ({error})") from None
    if len(heads) != 1:
        raise ConvertError("its zip does not hold the one data.pkl that torch.save writes")
    root = heads[0].removesuffix("data.pkl")
    if f"{root}byteorder" in archive.namelist() and _entry(archive, f"{root}byteorder") != b"little":
        raise ConvertError("it was written on a big-endian machine")
    return parse(BytesIO(_entry(archive, heads[0])), persistent=True), ZipStorages(archive, root)


def _entry(archive: zipfile.ZipFile, name: str, size: int | None = None) -> bytes:
    """Raises ConvertError when it is missing, compressed, damaged or not of `size` bytes."""
    try:
        info = archive.getinfo(name)
        # torch.save never compresses, so what is compressed here is a bomb or a mistake.
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ConvertError(f'its entry "{name[:80]}" is compressed, which torch.save never does')
        if size is not None and info.file_size != size:
            raise ConvertError(f'its entry "{name[:80]}" has {info.file_size} bytes instead of {size}')
        return archive.read(info)
    except KeyError:
        raise ConvertError(f'its entry "{name[:80]}" is missing') from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise ConvertError(f'its entry "{name[:80]}" is damaged ({error})') from None


def read_stream(data: bytes) -> tuple[Any, StreamStorages]:
    """The object of a stream and its storages. Raises ConvertError."""
    file = BytesIO(data)
    if parse(file) != MAGIC or parse(file) != 1001:
        raise ConvertError("its torch stream has another magic number")
    system = parse(file)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise ConvertError("it was written on a big-endian machine")
    known: dict[str, _Storage] = {}
    value = parse(file, persistent=True)
    _collect(value, known)
    keys = parse(file)
    if not isinstance(keys, list) or not all(isinstance(key, str) and key in known for key in keys):
        raise ConvertError("its torch stream lists storages that no tensor uses")
    view, at = memoryview(data), file.tell()
    numbers = {}
    for key in keys:
        storage = known[key]
        count = int.from_bytes(view[at : at + 8], "little")
        end = at + 8 + count * width(storage.kind)
        if count != storage.count or end > len(data):
            raise ConvertError(f'its storage "{key[:40]}" is cut short or has another length than it says')
        numbers[key] = decode(view[at + 8 : end], storage.kind)
        at = end
    return value, StreamStorages(numbers)


def _collect(value: Any, known: dict[str, _Storage]) -> None:
    """Every storage that a value speaks of; shared and cyclic values are entered once."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, str | bytes | int | float | None):
            continue
        seen.add(id(node))
        match node:
            case Persistent():
                storage = _storage(node)
                if known.setdefault(storage.key, storage) != storage:
                    raise ConvertError(f'the storage "{storage.key[:40]}" is described in two ways')
            case dict():
                waiting.extend(node.values())
            case list() | tuple():
                waiting.extend(node)
            case _:
                waiting.extend((getattr(node, "args", None), getattr(node, "items", None)))
                waiting.append(getattr(node, "state", None))


def nested_storage(node: Any) -> Array:
    """The numbers of a storage that is a stream of its own inside a module's pickle. Raises ConvertError."""
    if not is_call(node, "_load_from_bytes") or len(node.args) != 1:
        raise ConvertError("a tensor's storage is not in the file")
    value, storages = read_stream(raw_bytes(node.args[0]))
    return storages(value)
