"""Finds free ports."""

from __future__ import annotations

import socket

from hotline.run.progress import StepFailed

_TRIES = 100


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose(host: str, wanted: int, avoid: set[int] | None = None) -> int:
    """``wanted``, or the next free port after it.

    Raises:
        StepFailed: none is free, or the host's address is not this machine's.
    """
    for port in range(wanted, min(wanted + _TRIES, 65536)):
        if port not in (avoid or set()) and is_free(host, port):
            return port
    raise StepFailed(f"地址 {host} 上从 {wanted} 起没有可用的端口。请检查 HOTLINE_HOST 和 HOTLINE_PORT。")
