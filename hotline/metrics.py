"""Figures for Prometheus: of all processes of the service, whichever of them is asked."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from functools import partial

import psutil
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

#: How a worker's command line says what it is; its parent has other children as well.
_MARK = "spawn_main"


class _Processes(Collector):
    """Memory, processor and files of each process, by its number: ``worker``."""

    def collect(self) -> Iterator[Metric]:
        """See :class:`prometheus_client.registry.Collector`."""
        workers = _workers()
        yield GaugeMetricFamily("hotline_service_workers", "Processes of the service.", value=len(workers))
        families: dict[str, Metric] = {}
        for pid in workers:
            for found in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, {"worker": str(pid)}, sample.value)
        yield from families.values()


def _workers() -> list[int]:
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None:
        return [os.getpid()]
    found = {os.getpid()}
    for child in psutil.Process(parent.pid).children():
        try:
            if _MARK in " ".join(child.cmdline()):
                found.add(child.pid)
        except psutil.Error:
            continue  # it has just ended
    return sorted(found)


registry = CollectorRegistry()
PlatformCollector(registry=registry)
registry.register(_Processes())
