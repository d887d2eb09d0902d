"""Runs Rasa's graph of components in the order in which they need each other, without a task scheduler."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class DirectGraphRunner(GraphRunner):
    """Does what Rasa's DaskGraphRunner does for predictions; which nodes a target needs is worked out once."""

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        """Load the nodes."""
        self._schema = graph_schema
        self._nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        self._plans: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> DirectGraphRunner:
        """A new runner; see the base class."""
        return cls(graph_schema, model_storage, execution_context, hooks)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run the nodes that ``targets`` need; see the base class."""
        wanted = tuple(targets or self._schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(wanted)
        results: dict[str, Any] = dict(inputs or {})
        for name, needs in plan:
            results[name] = self._nodes[name](*((need, results[need]) for need in needs))[1]
        return {name: results[name] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        plan: dict[str, list[str]] = {}

        def visit(name: str) -> None:
            if name in plan or name not in nodes:  # not a node: an input
                return
            needs = list(dict.fromkeys(nodes[name].needs.values()))
            for need in needs:
                visit(need)
            plan[name] = needs

        for target in targets:
            visit(target)
        return list(plan.items())
