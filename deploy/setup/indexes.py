"""Where packages come from: what the user told pip is told to uv, which does not read pip's configuration."""

from __future__ import annotations

import ast
from collections.abc import Mapping

#: pip's word → uv's environment variable, and what separates several values there.
_SAME = {
    "index-url": ("UV_DEFAULT_INDEX", ""),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", ""),
    "cert": ("SSL_CERT_FILE", ""),
    "default-timeout": ("UV_HTTP_TIMEOUT", ""),
    "timeout": ("UV_HTTP_TIMEOUT", ""),
    "proxy": ("ALL_PROXY", ""),
}
#: Later ones win, as in pip itself.
_ORDER = ("global", "install", ":env:")


def pip_options(listing: str) -> dict[str, str]:
    """The options in what ``pip config list`` prints: ``section.option='value'`` lines."""
    found: dict[str, dict[str, str]] = {section: {} for section in _ORDER}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.strip().rpartition(".")
        if section not in found:
            continue
        try:
            found[section][option] = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            found[section][option] = value
    merged: dict[str, str] = {}
    for section in _ORDER:
        merged |= found[section]
    return merged


def uv_environment(listing: str, environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` for calling uv; what the user told uv itself stays."""
    wanted = {}
    for option, value in pip_options(listing).items():
        name, separator = _SAME.get(option, ("", ""))
        if name and value.strip():
            wanted[name] = separator.join(value.split()) if separator else value.strip()
    old_names = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
    for name, old in old_names.items():
        if old in environment:
            wanted.pop(name, None)
    # One release may be on one index and the next on another. The hashes make this safe.
    wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    wanted["UV_PYTHON_DOWNLOADS"] = "never"
    return wanted | dict(environment)
