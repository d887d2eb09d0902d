from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from components.graph_runner import DirectGraphRunner


class Adder(GraphComponent):
    """Adds what it gets."""

    @classmethod
    def create(cls, *arguments: Any, **options: Any) -> Adder:
        return cls()

    def add(self, first: int, second: int) -> int:
        return first + second


def node(**needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Adder, constructor_name="create", fn="add", config={}, eager=True)


SCHEMA = GraphSchema(
    {
        "last": node(first="middle", second="side"),
        "middle": node(first="__number__", second="__number__"),
        "side": node(first="middle", second="__number__"),
        "unneeded": node(first="last", second="last"),
    }
)


def test_it_gives_what_rasas_own_runner_gives(tmp_path: Path) -> None:
    parts = (SCHEMA, LocalModelStorage(tmp_path), ExecutionContext(SCHEMA))
    direct, dask = DirectGraphRunner.create(*parts), DaskGraphRunner.create(*parts)
    for targets in (["last"], ["side", "middle"], ["unneeded"]):
        for number in (1, 5):
            found = direct.run({"__number__": number}, targets)
            assert found == dask.run({"__number__": number}, targets)
    assert direct.run({"__number__": 1}, ["last"]) == {"last": 5}
