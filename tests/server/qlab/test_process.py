"""The table of the config, the port, and the whole show process behind it."""

import asyncio
import errno
import socket
import sys
from pathlib import Path

import pytest

from server.config import ConfigError, load_rig
from server.doctor.command import qlab_ports
from server.doors import CannotListen, bind_qlab
from server.qlab.settings import Qlab
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.server.qlab.controllers import TEXT, Controller, Datagrams, Stream

ROOT = Path(__file__).parents[3]


def venue(folder: Path, table: str, osc: int = 9000) -> Path:
    (folder / "show.toml").write_text(TEXT)
    path = folder / "config.toml"
    path.write_text(
        f'{table}\n[web]\nport = {free_port()}\n[osc]\nport = {osc}\n[show]\nfile = "show.toml"\n'
        '[generator]\nweights = "net.safetensors"\n[journal]\nfolder = ""\n'
    )
    return path


def test_without_the_table_nobody_listens(tmp_path: Path) -> None:
    rig = load_rig(venue(tmp_path, ""))
    assert rig.qlab is None
    assert bind_qlab(rig) is None


def test_an_empty_table_means_the_port_of_qlab(tmp_path: Path) -> None:
    assert load_rig(venue(tmp_path, "[qlab]")).qlab == Qlab(port=53000, passcode="")


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'qlab.pascode: unknown key\. Did you mean "passcode"\?'):
        load_rig(venue(tmp_path, '[qlab]\npascode = "x"'))


def test_where_osc_is_heard_anyway_no_other_port_is_opened(tmp_path: Path) -> None:
    assert bind_qlab(load_rig(venue(tmp_path, "[qlab]\nport = 9000"))) is None


def test_a_port_that_another_program_has_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rig = load_rig(venue(tmp_path, f"[qlab]\nport = {port}"))
        with pytest.raises(CannotListen) as refused:
            bind_qlab(rig)
    assert str(refused.value) == (
        f"Controllers made for QLab: port {port} is in use by another program; stop that, or choose another "
        "with qlab.port in the config."
    )


def test_the_doctor_looks_at_the_port(tmp_path: Path) -> None:
    assert not tuple(qlab_ports(load_rig(venue(tmp_path, ""))))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        udp, tcp = qlab_ports(load_rig(venue(tmp_path, f"[qlab]\nport = {number}")))
    assert (udp.kind, udp.number, udp.table, udp.error) == ("udp", number, "qlab", 0)
    assert (tcp.kind, tcp.error) == ("tcp", errno.EADDRINUSE)


async def connected(port: int) -> Stream:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                loop = asyncio.get_running_loop()
                return (await loop.create_connection(Stream, "127.0.0.1", port))[1]
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)


async def test_a_show_is_driven_at_either_port_over_either_wire(tmp_path: Path) -> None:
    osc, qlab = free_port(), free_port()
    path = venue(tmp_path, f"[qlab]\nport = {qlab}", osc)
    command = (sys.executable, "-m", "tests.toy_show", str(path))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
    stream = await connected(qlab)
    loop = asyncio.get_running_loop()
    datagrams: list[Datagrams] = []
    for port in (osc, qlab):
        _, controller = await loop.create_datagram_endpoint(
            lambda port=port: Datagrams(port), local_addr=("127.0.0.1", 0)
        )
        datagrams.append(controller)
        controller.send("/udpReplyPort", controller.own_port)
    try:
        everyone: list[Controller] = [stream, *datagrams]
        for controller, number in zip(everyone, ("2", "12.1", "12.10"), strict=True):
            await controller.do("/playhead/next")
            assert await stream.data("/cue/playhead/number") == number
            (workspace,) = await controller.data("/workspaces")
            assert (workspace["displayName"], workspace["port"]) == ("show", qlab)
        await stream.do("/updates", 1)
        process.terminate()
        await stream.hear(f"/update/workspace/{workspace['uniqueID']}/disconnect")
        await asyncio.wait_for(process.wait(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        for controller in (stream, *datagrams):
            controller.transport.abort()
        await asyncio.sleep(0.01)
