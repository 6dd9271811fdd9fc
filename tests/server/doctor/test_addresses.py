"""Addresses: on networks that are made, and cut, for the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.doctor.addresses import Address, Network, judge, look
from server.doctor.finding import Level

Elsewhere = Callable[[str, str], Any]

ASK = """
import json
from server.doctor.addresses import judge, look
network = look("0.0.0.0", 8123, False)
print(json.dumps([[finding.level, finding.what, finding.do] for finding in judge(network, 9123)]))
"""
CABLE = "ip link set lo up; ip link add wall type veth peer name far; ip link set wall up; ip link set far up"


def test_a_machine_without_a_network_is_a_problem(elsewhere: Elsewhere) -> None:
    [[level, what, do]] = elsewhere("", ASK)
    assert level == Level.PROBLEM
    assert "on no network" in what
    assert "cable" in do


def test_an_address_that_it_gave_itself_is_no_network(elsewhere: Elsewhere) -> None:
    [[level, what, _]] = elsewhere(f"{CABLE}; ip addr add 169.254.3.4/16 dev wall", ASK)
    assert level == Level.PROBLEM
    assert "169.254.3.4" in what
    assert "no router answered" in what


def test_each_address_is_told_with_what_a_tablet_has_to_open(elsewhere: Elsewhere) -> None:
    setup = f"{CABLE}; ip addr add 10.9.0.1/24 dev wall; ip addr add 10.8.0.1/24 dev far"
    found = elsewhere(setup, ASK)
    assert [level for level, _, _ in found] == [Level.OK, Level.OK]
    assert "http://10.9.0.1:8123/, on wall" in found[0][1] + found[1][1]
    assert "http://10.8.0.1:8123/, on far" in found[0][1] + found[1][1]


def test_an_interface_that_is_down_does_not_count(elsewhere: Elsewhere) -> None:
    [[level, _, _]] = elsewhere(f"{CABLE}; ip addr add 10.9.0.1/24 dev wall; ip link set wall down", ASK)
    assert level == Level.PROBLEM


def test_an_address_where_the_port_does_not_answer_is_a_problem(elsewhere: Elsewhere) -> None:
    # Packets to its own address are thrown away, as a firewall would.
    cut = "ip route del table local local 10.9.0.1; ip route add prohibit 10.9.0.1"
    [[level, what, do]] = elsewhere(f"{CABLE}; ip addr add 10.9.0.1/24 dev wall; {cut}", ASK)
    assert level == Level.PROBLEM
    assert "do not answer at 10.9.0.1 (wall), port 8123" in what
    assert "firewall" in do.lower()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_pages_for_this_machine_alone_are_a_note(host: str) -> None:
    [finding] = judge(look(host, 8000, marrow_runs=False), 9000)
    assert finding.level is Level.NOTE
    assert "this machine alone" in finding.what
    assert "0.0.0.0" in finding.do


def test_a_host_that_is_no_address_breaks_nothing_here() -> None:
    assert not look("wall", 8000, marrow_runs=False).local


def test_wifi_and_a_firewall_are_notes(tmp_path: Path) -> None:
    network = Network("0.0.0.0", 8000, (Address("10.9.0.1", "wlan0", True, True),), "ufw")
    fine, wifi, firewall = judge(network, 9000)
    assert (fine.level, wifi.level, firewall.level) == (Level.OK, Level.NOTE, Level.NOTE)
    assert "Wi-Fi" in wifi.what
    assert "ufw allow 8000/tcp" in firewall.do
    assert "9000/udp" in firewall.do


def test_the_systems_files_say_what_is_wireless_and_whether_ufw_is_on(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    (tmp_path / "sys/class/net/wall/wireless").mkdir(parents=True)
    (tmp_path / "etc/ufw").mkdir(parents=True)
    (tmp_path / "etc/ufw/ufw.conf").write_text("# on at boot\nENABLED=yes\nLOGLEVEL=low\n")
    ask = f"""
import json
from pathlib import Path
from server.doctor.addresses import look
network = look("0.0.0.0", 8123, False, Path({str(tmp_path)!r}))
print(json.dumps([network.firewall, [[a.interface, a.wireless] for a in network.addresses]]))
"""
    setup = f"{CABLE}; ip addr add 10.9.0.1/24 dev wall; ip addr add 10.8.0.1/24 dev far"
    firewall, addresses = elsewhere(setup, ask)
    assert firewall == "ufw"
    assert sorted(addresses) == [["far", False], ["wall", True]]
