"""One running hotline for all tests of the whole system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running import Running, running


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hotline on ports and a database of its own."""
    with running(tmp_path_factory.getbasetemp() / "run.log") as found:
        yield found
