"""Files that mean harm, and files that are broken: one sentence each, nothing run, nothing left behind."""

import argparse
import contextlib
import io
import os
import pickle
import pickletools
import struct
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.convert import pickles
from models.convert.arrays import Budget, array
from models.convert.command import convert_file
from models.convert.errors import ConvertError
from models.convert.pickles import Call, Name, parse
from models.convert.reading import read

CANARY = "marrow-canary"
PKL = "rosinality-32/data.pkl"


def touch(folder: Path) -> bytes:
    return f"touch {folder / CANARY}".encode()


def text(word: bytes) -> bytes:
    return b"\x8c" + bytes([len(word)]) + word


class Runs:
    """Pickled, it asks the reader to call something."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.asked = function, args

    def __reduce__(self) -> Any:
        return self.asked


def hostile(folder: Path) -> dict[str, tuple[bytes, str]]:
    """name -> (file, what the refusal names)."""
    shell = touch(folder)
    system = os.system
    storage = io.BytesIO()
    torch.save(torch.zeros(2), storage, _use_new_zipfile_serialization=False)
    nested = storage.getvalue().replace(b"ctorch\nFloatStorage\n", b"cposix\nsystem\n")
    return {
        "global": (b"\x80\x02cos\nsystem\n(U" + bytes([len(shell)]) + shell + b"tR.", r"os\.system"),
        "inst": (b"\x80\x02(U" + bytes([len(shell)]) + shell + b"ios\nsystem\n.", r"os\.system"),
        "obj": (b"\x80\x02(cos\nsystem\nU" + bytes([len(shell)]) + shell + b"o.", r"os\.system"),
        "stack global": (b"\x80\x04" + text(b"os") + text(b"system") + b"\x93.", r"os\.system"),
        "dotted": (b"\x80\x04" + text(b"collections") + text(b"OrderedDict.fromkeys") + b"\x93.", "fromkeys"),
        "names of numbers": (b"\x80\x04K\x01K\x02\x93.", r"1\.2"),
        "extension": (b"\x80\x02\x82\x01.", "EXT1"),
        "reduce": (pickle.dumps({"G_ema": Runs(system, shell.decode())}), "system"),
        "eval": (pickle.dumps({"G_ema": Runs(eval, "1")}), r"eval"),
        "getattr": (pickle.dumps(Runs(getattr, OrderedDict, "fromkeys")), "getattr"),
        "load_from_bytes": (
            pickle.dumps({"G_ema": Runs(torch.storage._load_from_bytes, nested)}),
            "persistence",
        ),
        "build": (b"\x80\x02ccollections\nOrderedDict\n}b.", "state"),
        "build on data": (b"\x80\x02]}b.", "state"),
        "call of data": (b"\x80\x02]\x85R.", "damaged|calls"),
        "call of a call": (b"\x80\x02ccollections\nOrderedDict\n)R)R.", "calls what is no name"),
        "memo": (b"\x80\x02h\x05.", "damaged"),
        "marks": (b"\x80\x02((((.", "damaged"),
        "no mark": (b"\x80\x02]e.", "damaged"),
        "empty": (b"\x80\x04.", "damaged"),
        "buffers": (b"\x80\x05\x97.", "NEXT_BUFFER"),
        "keys": (b"\x80\x02}]K\x01s.", "key"),
        "persistent": (b"\x80\x02P1\n.", "persistent ids"),
        "a giant string": (b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b"x.", "damaged"),
        "a giant number": (b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"x.", "damaged"),
        "nested": (b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".", "Gs"),
        "modules without end": (_endless(), "nested deeper"),
        "nothing": (b"", "neither"),
        "text": (b"hello", "neither"),
        "proto alone": (b"\x80", "damaged"),
        "nested stream": (nested, "system"),
        "another dict": (pickle.dumps({"model": 1}), 'holds no "G_ema"'),
        "a tuple": (pickle.dumps((1, 2, 3)), "Gs"),
    }  # fmt: skip


def _endless() -> bytes:
    """A module that holds itself."""
    return (
        b"\x80\x04}" + text(b"G_ema") + b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"
        b"}\x94" + text(b"state") + b"}" + text(b"_modules") + b"}" + text(b"a")
        + b"ctorch_utils.persistence\n_reconstruct_persistent_obj\nh\x00\x85Rsss\x85Rs."
    )  # fmt: skip


CASES = sorted(hostile(Path("/")))


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    data, named = hostile(tmp_path)[case]
    path = tmp_path / "file.pkl"
    path.write_bytes(data)
    with pytest.raises(ConvertError, match=named) as refusal:
        read(path)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.pkl"]


@pytest.mark.parametrize(
    "case", ["reduce", "stack global", "load_from_bytes", "nested", "modules without end"]
)
def test_the_whole_command_leaves_nothing_behind(case: str, tmp_path: Path) -> None:
    data, named = hostile(tmp_path)[case]
    path = tmp_path / "file.pkl"
    path.write_bytes(data)
    with pytest.raises(ConvertError, match=named):
        convert_file(path, tmp_path / "out.safetensors")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.pkl"]


def test_names_are_kept_and_never_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argparse", None)
    value = parse(io.BytesIO(b"\x80\x02cargparse\nNamespace\n)\x81}U\x01aK\x01sb."))
    assert isinstance(value, Call)
    assert (value.name, value.args, value.state) == (Name("argparse", "Namespace"), (), {"a": 1})


def test_every_opcode_is_either_done_or_refused() -> None:
    refused = []
    for opcode in pickletools.opcodes:
        machine = pickles._Machine(persistent=False)
        machine._memo[0] = None
        machine.stack = [pickles._MARK, "collections", "OrderedDict"]
        argument = "collections OrderedDict" if opcode.name in ("GLOBAL", "INST") else 0
        with contextlib.suppress(ConvertError):
            machine.do(opcode.name, argument)
            continue
        refused.append(opcode.name)
    assert {"EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER", "NEWOBJ_EX"} <= set(refused)
    assert {"PERSID", "BINPERSID", "REDUCE", "NEWOBJ", "BUILD", "OBJ"} <= set(refused)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["sg2ada-64.pkl", "sg3t-32.pkl", "sg2-tf-32.pkl", "rosinality-32.pt"])
def test_a_file_cut_short_is_refused(name: str, share: float, fixtures: Path, tmp_path: Path) -> None:
    data = (fixtures / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ConvertError):
        read(tmp_path / name)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(["sg2ada-32-cond-clamp.pkl", "sg3t-32.pkl", "sg2-tf-32.pkl", "rosinality-32.pt"]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_flipped_bytes_are_refused_or_harmless(
    name: str, flips: list[tuple[float, int]], fixtures: Path, tmp_path: Path
) -> None:
    data = bytearray((fixtures / name).read_bytes())
    for at, mask in flips:
        data[int(at * len(data))] ^= mask
    try:
        read_bytes(tmp_path / name, bytes(data))
    except ConvertError as error:
        refusal = str(error)
    else:
        refusal = "none, the change was harmless"
    assert refusal


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    junk=st.binary(max_size=200),
    head=st.sampled_from([b"\x80\x04", b"\x80\x02}", b"PK\x03\x04", b"\x80\x04(]}"]),
)
def test_junk_is_refused(junk: bytes, head: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConvertError):
        read_bytes(tmp_path / "junk", head + junk)


def read_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    read(path)


def zipped(
    change: Callable[[dict[str, bytes]], Any], fixtures: Path, path: Path, how: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(fixtures / "rosinality-32.pt") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda e: e.pop("rosinality-32/data/9"), r"data/9\" is missing"),
        (lambda e: e.update({"rosinality-32/data/9": b"1234"}), "4 bytes instead of"),
        (lambda e: e.pop("rosinality-32/data.pkl"), r"data\.pkl"),
        (lambda e: e.update({"other/data.pkl": b""}), r"data\.pkl"),
        (lambda e: e.update({"rosinality-32/byteorder": b"big"}), "big-endian"),
        (lambda e: e.update({"rosinality-32/data.pkl": pickle.dumps(Runs(os.system, "true"))}), "system"),
        (lambda e: e.update({PKL: e[PKL].replace(b"Float", b"Xloat")}), "Xloat"),
    ],
)  # fmt: skip
def test_a_zip_that_lies_is_refused(change: Any, why: str, fixtures: Path, tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match=why):
        read(zipped(change, fixtures, tmp_path / "file.pt"))


def test_a_compressed_zip_is_refused_as_a_bomb(fixtures: Path, tmp_path: Path) -> None:
    def swell(entries: dict[str, bytes]) -> None:
        entries["rosinality-32/data/9"] = bytes(50 * 2**20)

    with pytest.raises(ConvertError, match="compressed"):
        read(zipped(swell, fixtures, tmp_path / "bomb.pt", zipfile.ZIP_DEFLATED))


def test_paths_in_a_zip_are_names_and_lead_nowhere(fixtures: Path, tmp_path: Path) -> None:
    def climb(entries: dict[str, bytes]) -> None:
        entries["../../escape"] = b"x"
        entries["/etc/escape"] = b"x"

    assert read(zipped(climb, fixtures, tmp_path / "file.pt")).kind == "rosinality"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.pt"]


def test_the_old_format_of_torch_says_the_same(fixtures: Path, tmp_path: Path) -> None:
    with torch.serialization.safe_globals([argparse.Namespace]):
        value = torch.load(fixtures / "rosinality-32.pt", weights_only=True)
    value.pop("args")
    torch.save(value, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    old, new = read(tmp_path / "old.pt"), read(fixtures / "rosinality-32.pt")
    assert old.config == new.config
    assert all(np.array_equal(old.tensors[name], new.tensors[name]) for name in new.tensors)


def test_rosinality_without_mean_and_noise_and_with_shrinking_channels(
    tmp_path: Path, fixtures: Path
) -> None:
    with torch.serialization.safe_globals([argparse.Namespace]):
        value = torch.load(fixtures / "rosinality-32.pt", weights_only=True)
    table = {name: t for name, t in value["g_ema"].items() if not name.startswith("noises.")}
    for name in list(table):
        if name.startswith(("convs.5", "to_rgbs.2")):
            table[name] = table[name][:, :, :12] if name.endswith("conv.weight") else table[name][:12]
    table["to_rgbs.2.bias"] = value["g_ema"]["to_rgbs.2.bias"]
    table["to_rgbs.2.upsample.kernel"] = value["g_ema"]["to_rgbs.2.upsample.kernel"]
    table["convs.4.conv.weight"] = table["convs.4.conv.weight"][:, :12]
    table["convs.4.activate.bias"] = table["convs.4.activate.bias"][:12]
    table["convs.5.conv.weight"] = table["convs.5.conv.weight"][:, :12]
    table["convs.5.activate.bias"] = value["g_ema"]["convs.5.activate.bias"][:12]
    table["convs.5.noise.weight"] = value["g_ema"]["convs.5.noise.weight"]
    torch.save({"g_ema": table}, tmp_path / "plain.pt")
    found = read(tmp_path / "plain.pt")
    assert (found.config["channel_base"], found.config["channel_max"]) == (384, 24)
    mean = read(fixtures / "rosinality-32.pt").tensors["mapping.w_avg"]
    assert np.abs(found.tensors["mapping.w_avg"] - mean).max() < 0.1 * np.abs(mean).max()


@pytest.mark.parametrize(
    "value",
    [
        np.array([object()], dtype=object), np.array(["text"]), np.zeros(2, [("a", "f4")]), np.zeros(2, "c8"),
        np.array([1], "M8[s]"),
    ],
    ids=["object", "text", "record", "complex", "date"],
)  # fmt: skip
def test_arrays_of_anything_but_numbers_are_refused(value: Any) -> None:
    with pytest.raises(ConvertError):
        array(parse(io.BytesIO(pickle.dumps(value, protocol=4))), Budget(2**20))


@pytest.mark.parametrize(
    "value", [np.arange(6.0).reshape(2, 3).T, np.float32(3), np.arange(4, dtype=">i2")], ids=str
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_arrays_of_numbers_come_back(value: Any, protocol: int) -> None:
    found = array(parse(io.BytesIO(pickle.dumps(value, protocol=protocol))), Budget(2**20))
    assert np.array_equal(found, value)


def test_shared_memory_does_not_multiply_without_end() -> None:
    budget = Budget(100)
    node = parse(io.BytesIO(pickle.dumps(np.zeros(8), protocol=4)))
    array(node, budget)
    with pytest.raises(ConvertError, match="more memory"):
        array(node, budget)
