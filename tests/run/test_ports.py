"""A taken port never stops the hotline."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from hotline.run.ports import choose, is_free
from hotline.run.progress import StepFailed


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_replaced_by_a_free_one(taken: int) -> None:
    assert not is_free("127.0.0.1", taken)
    chosen = choose("127.0.0.1", taken)
    assert chosen > taken
    assert is_free("127.0.0.1", chosen)


def test_a_port_taken_on_all_addresses_counts_as_taken() -> None:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        assert not is_free("127.0.0.1", server.getsockname()[1])


def test_ports_given_to_other_parts_are_avoided(taken: int) -> None:
    first = choose("127.0.0.1", taken)
    assert choose("127.0.0.1", taken, {first}) > first


def test_an_address_of_another_machine_is_told_as_such() -> None:
    with pytest.raises(StepFailed, match="HOTLINE_HOST"):
        choose("203.0.113.7", 12345)
