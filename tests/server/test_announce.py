"""Announcements, heard by a browser of services on this machine; and a network that wants none."""

import builtins
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

from server.announce import MISSING, OSC, OSCQUERY, Announced, Announcer, announced, own_name
from tests.patience import PATIENCE


class Ear(ServiceListener):
    """What is on the network."""

    def __init__(self) -> None:
        self.there: dict[str, tuple[list[str], int | None]] = {}
        self.changed = threading.Condition()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        info = zc.get_service_info(type_, name)
        with self.changed:
            self.there[name] = (info.parsed_addresses(), info.port) if info else ([], None)
            self.changed.notify()

    update_service = add_service

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        with self.changed:
            self.there.pop(name, None)
            self.changed.notify()

    def wait_for(self, count: int, name: str) -> dict[str, tuple[list[str], int | None]]:
        """Services whose name holds `name`, once there are so many."""

        def ours() -> dict[str, tuple[list[str], int | None]]:
            return {each: place for each, place in self.there.items() if name in each}

        with self.changed:
            assert self.changed.wait_for(lambda: len(ours()) == count, PATIENCE), self.there
            return ours()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    network = Zeroconf(interfaces=["127.0.0.1"])
    browser = ServiceBrowser(network, [OSCQUERY, OSC], ear)
    yield ear
    browser.cancel()
    network.close()


def complain(words: str) -> None:
    raise AssertionError(words)


def test_both_services_are_found_and_gone_again(ear: Ear) -> None:
    announcer = Announcer(
        [Announced(OSCQUERY, "127.0.0.1", 8123), Announced(OSC, "127.0.0.1", 9123)], complain, "Marrow test"
    )
    announcer.start()
    found = ear.wait_for(2, "Marrow test")
    assert found == {
        f"Marrow test.{OSCQUERY}": (["127.0.0.1"], 8123),
        f"Marrow test.{OSC}": (["127.0.0.1"], 9123),
    }
    assert announcer.wait(PATIENCE)
    announcer.stop()
    assert ear.wait_for(0, "Marrow test") == {}


def test_without_the_package_a_sentence_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def missing(name: str, *rest: Any, **options: Any) -> Any:
        if name == "zeroconf":
            raise ImportError(name)
        return really(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    said: list[str] = []
    announcer = Announcer([Announced(OSC, "127.0.0.1", 9123)], said.append)
    announcer.start()
    announcer.stop()
    assert said == [MISSING]
    assert "marrow[discovery]" in MISSING


def test_a_network_that_cannot_be_reached_is_told_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**options: object) -> Zeroconf:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr("zeroconf.Zeroconf", unreachable)
    said: list[str] = []
    announcer = Announcer([Announced(OSC, "127.0.0.1", 9123)], said.append)
    announcer.start()
    announcer.stop()
    assert len(said) == 1
    assert said[0] == "not announced on the network: [Errno 101] Network is unreachable"


def test_to_stop_before_it_began_is_no_error() -> None:
    Announcer([], complain).stop()


def test_services_are_told_by_their_sockets() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as web,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc,
    ):
        osc.bind(("127.0.0.1", 0))
        assert announced(web, osc) == [
            Announced(OSCQUERY, "127.0.0.1", web.getsockname()[1]),
            Announced(OSC, "127.0.0.1", osc.getsockname()[1]),
        ]


@pytest.mark.parametrize(
    ("own", "host", "expected"),
    [
        (("127.0.0.1", "10.0.0.5"), "0.0.0.0", ["10.0.0.5"]),
        (("127.0.0.1", "10.0.0.5", "192.168.1.2"), "::", ["10.0.0.5", "192.168.1.2"]),
        (("127.0.0.1",), "0.0.0.0", ["127.0.0.1"]),
        (("127.0.0.1", "10.0.0.5"), "10.0.0.5", ["10.0.0.5"]),
        (("127.0.0.1", "10.0.0.5"), "127.0.0.1", ["127.0.0.1"]),
        (("127.0.0.1",), "fe80::1", []),
    ],
)
def test_the_addresses_at_which_we_are_found(
    own: tuple[str, ...], host: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Address:
        family = socket.AF_INET

        def __init__(self, address: str) -> None:
            self.address = address

    interfaces: Mapping[str, list[Address]] = {f"eth{n}": [Address(each)] for n, each in enumerate(own)}
    monkeypatch.setattr("psutil.net_if_addrs", lambda: interfaces)
    assert Announced(OSC, host, 9000).addresses() == expected


@pytest.mark.parametrize(
    ("machine", "name"),
    [("stage-left", "Marrow on stage-left"), ("mac.local", "Marrow on mac"), ("", "Marrow")],
)
def test_a_name_for_lists(machine: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: machine)
    assert own_name() == name
    monkeypatch.setattr("platform.node", lambda: "x" * 200)
    assert len(own_name()) == 63
