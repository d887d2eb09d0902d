"""Says in Chinese why another system could not be reached."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx


def describe(error: Exception) -> str:
    """For the operator: what happened, without the library's English unless there is nothing better."""
    if isinstance(error, httpx.ConnectTimeout):
        return "连接超时，对方的地址没有应答（防火墙没有放行，或机器没有开）"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "等了太久，对方没有答完"
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return "域名解析不了，请检查 base 里的主机名和本机的 DNS"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"对方的证书不可信（{cause.verify_message}）；自建的证书机构要写 ca_file"
        if isinstance(cause, ssl.SSLError):
            return f"加密连接没有谈成（{cause.reason or cause}），请检查端口是不是 https 的"
        if isinstance(cause, ConnectionRefusedError):
            return "连接被拒绝，对方的服务没有运行，或端口不对"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "连接被对方断开"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return "对方没有答完就断开了"
    return f"连接出错（{error or type(error).__name__}）"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, the outermost first."""
    yield error
    for one in getattr(error, "exceptions", ()):  # a group has one for each address of the host
        yield from _causes(one)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)
