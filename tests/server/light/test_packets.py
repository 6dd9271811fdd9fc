"""sACN and Art-Net, byte for byte as their specifications lay them out, and as another decoder reads them."""

from uuid import UUID

import pytest
from sacn.messages.data_packet import DataPacket
from sacn.messages.universe_discovery import UniverseDiscoveryPacket

from server.light.artnet import ArtNet
from server.light.sacn import Sacn, discovery, group

SENDER = UUID("00112233-4455-6677-8899-aabbccddeeff")
LEVELS = bytes(range(256)) * 2


def test_an_sacn_packet_is_laid_out_as_e131_says() -> None:
    packet = Sacn(SENDER, "Märrow", 0x0102, 101).packet(LEVELS)
    expected = [
        # root layer
        (0, "0010"),  # preamble size
        (2, "0000"),  # postamble size
        (4, b"ASC-E1.17\0\0\0".hex()),  # packet identifier
        (16, "726e"),  # flags 7, length 638 - 16
        (18, "00000004"),  # VECTOR_ROOT_E131_DATA
        (22, SENDER.hex),  # CID
        # framing layer
        (38, "7258"),  # flags 7, length 638 - 38
        (40, "00000002"),  # VECTOR_E131_DATA_PACKET
        (44, "Märrow".encode().ljust(64, b"\0").hex()),  # source name
        (108, "65"),  # priority
        (109, "0000"),  # synchronization address: none
        (111, "00"),  # sequence number
        (112, "00"),  # options
        (113, "0102"),  # universe
        # device management protocol layer
        (115, "720b"),  # flags 7, length 638 - 115
        (117, "02"),  # VECTOR_DMP_SET_PROPERTY
        (118, "a1"),  # address and data type
        (119, "0000"),  # first property address
        (121, "0001"),  # address increment
        (123, "0201"),  # property count: start code and 512 slots
        (125, "00"),  # start code of DMX
        (126, LEVELS.hex()),
    ]
    assert [(at, packet[at : at + len(value) // 2].hex()) for at, value in expected] == expected
    assert len(packet) == 638


def test_another_decoder_reads_the_same() -> None:
    wire = Sacn(SENDER, "Marrow", 63999, 0)
    packets = [DataPacket.make_data_packet(tuple(wire.packet(LEVELS))) for _ in range(257)]
    first = packets[0]
    assert (first.universe, first.priority, first.sourceName) == (63999, 0, "Marrow")
    assert bytes(first.dmxData) == LEVELS
    assert (first.option_StreamTerminated, first.option_PreviewData, first.option_ForceSync) == (False,) * 3
    assert [packet.sequence for packet in packets] == [*range(256), 0]
    goodbye = [DataPacket.make_data_packet(tuple(packet)) for packet in wire.farewell(LEVELS)]
    assert [packet.option_StreamTerminated for packet in goodbye] == [True] * 3
    assert [packet.sequence for packet in goodbye] == [1, 2, 3]


def test_another_encoder_writes_the_same() -> None:
    other = DataPacket(tuple(SENDER.bytes), "Marrow", 7, tuple(LEVELS), priority=150)
    assert Sacn(SENDER, "Marrow", 7, 150).packet(LEVELS) == bytes(other.getBytes())
    announced = UniverseDiscoveryPacket(tuple(SENDER.bytes), "Marrow", (1, 2, 63999))
    assert discovery(SENDER, "Marrow", [63999, 2, 1]) == bytes(announced.getBytes())


def test_a_long_name_is_cut_between_characters_and_ends_in_a_zero() -> None:
    packet = Sacn(SENDER, "x" * 62 + "ä" * 9, 1, 100).packet(LEVELS)
    assert packet[44:108] == b"x" * 62 + b"\0\0"


@pytest.mark.parametrize(
    ("universe", "address"), [(1, "239.255.0.1"), (256, "239.255.1.0"), (63999, "239.255.249.255")]
)
def test_every_universe_has_its_multicast_group(universe: int, address: str) -> None:
    assert group(universe) == address


def test_an_artnet_packet_is_laid_out_as_art_net_4_says() -> None:
    packet = ArtNet(0x1234).packet(LEVELS)
    assert packet[:18].hex(" ") == " ".join(
        [
            "41 72 74 2d 4e 65 74 00",  # "Art-Net"
            "00 50",  # OpDmx, low byte first
            "00 0e",  # protocol version 14
            "01",  # sequence
            "00",  # physical
            "34 12",  # SubUni, Net: the Port-Address, low byte first
            "02 00",  # length 512
        ]
    )
    assert packet[18:] == LEVELS


def test_artnet_numbers_run_from_1_to_255_and_never_say_0() -> None:
    wire = ArtNet(0)
    assert [wire.packet(LEVELS)[12] for _ in range(257)] == [*range(1, 256), 1, 2]
    assert wire.farewell(LEVELS) == []
