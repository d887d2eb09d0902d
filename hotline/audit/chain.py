"""Checking that nobody has changed the audit.

Each line's digest covers the line and the digest before it: a line that was changed, and one that was taken out of the
middle, show in the chain itself. Two things do not: lines cut off at the end, and a chain that somebody who can write to
the database has computed anew. Against these each check leaves an anchor outside the database: the last line's number and
digest and the count of lines, in a file that is signed with a key of this machine (HMAC-SHA256). Whoever wants to falsify
the past unseen needs the database, the file and the key. What was added after the last check is protected by the next one
only, so the worker checks every night; and who has all three can still be found out with a digest that was noted elsewhere,
which is why a check prints it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline.audit.models import AuditLine
from hotline.audit.service import digest
from hotline.database import Database, now
from hotline.settings import Settings

_BATCH = 1000


@dataclass(frozen=True)
class Fault:
    """A place where the audit does not hold; ``line`` is the number of the line, or None when it is the end or the file."""

    line: int | None
    message: str


@dataclass(frozen=True)
class Checked:
    """What a check has found. ``digest`` is that of the last line; empty: there is none."""

    count: int
    last: int
    digest: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Mark:
    """How the audit stood at the last check that found no fault."""

    count: int
    last: int
    digest: str


class _Forged(Exception):
    """The file is not as it was written here."""


class Chain:
    """The audit of one database, and its anchor."""

    def __init__(self, database: Database, *, anchor: Path, key: str) -> None:
        self._database = database
        self._anchor = anchor
        self._key = key.encode()

    @classmethod
    def of(cls, database: Database, settings: Settings) -> Chain:
        """With the anchor where the settings keep what outlives a process."""
        key = settings.secret("audit_key")
        return cls(database, anchor=settings.var_dir / "audit" / "anchor.json", key=key)

    async def do_check(self) -> Checked:
        """Read the whole audit; when it holds, set the anchor to its end."""
        faults: list[Fault] = []
        try:
            mark = self._read()
        except _Forged:
            mark = None
            faults.append(
                Fault(None, f"锚点文件 {self._anchor} 不是这台机器写的，或者被改过，无法核对末尾有没有少行。")
            )
        count, last, before = 0, 0, ""
        met: tuple[int, str] | None = None
        async with self._database.transaction() as session:
            query = select(AuditLine).order_by(AuditLine.id).execution_options(yield_per=_BATCH)
            async for line in await session.stream_scalars(query):
                count += 1
                if line.digest != digest(line, before):
                    faults.append(_broken(line.id, last))
                if mark is not None and line.id == mark.last:
                    met = (count, line.digest)
                last, before = line.id, line.digest
        if mark is not None and mark.count:
            faults += _against(mark, met)
        checked = Checked(count, last, before, tuple(faults))
        if not faults:
            self._write(_Mark(count, last, before))
        return checked

    def _read(self) -> _Mark | None:
        try:
            content = json.loads(self._anchor.read_text(encoding="utf-8"))
            mark = _Mark(int(content["count"]), int(content["last"]), str(content["digest"]))
            signed = str(content["signature"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError):
            raise _Forged from None
        if not hmac.compare_digest(self._signature(content), signed):
            raise _Forged
        return mark

    def _write(self, mark: _Mark) -> None:
        content: dict[str, Any] = {
            "count": mark.count,
            "last": mark.last,
            "digest": mark.digest,
            "at": now().isoformat(timespec="seconds"),
        }
        content["signature"] = self._signature(content)
        self._anchor.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two checks at once write two files; the later takes the place of the earlier, and both are whole.
        fresh = self._anchor.with_name(f".{self._anchor.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        fresh.replace(self._anchor)

    def _signature(self, content: dict[str, Any]) -> str:
        signed = json.dumps([content.get(name) for name in ("count", "last", "digest", "at")])
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()


def _broken(line: int, before: int) -> Fault:
    gap = f"（编号从 {before} 跳到 {line}）" if line > before + 1 else ""
    return Fault(line, f"第 {line} 行和前面接不上：这一行被改过，或者它前面的行被改过、删过{gap}。")


def _against(mark: _Mark, met: tuple[int, str] | None) -> list[Fault]:
    if met is None:
        return [Fault(mark.last, f"第 {mark.last} 行不见了：上次核对时它是最后一行，末尾的记录被删过。")]
    count, found = met
    faults = []
    if found != mark.digest:
        faults.append(Fault(mark.last, f"第 {mark.last} 行和上次核对时不一样：记录被改过并重新计算过。"))
    if count != mark.count:
        more = "多" if count > mark.count else "少"
        faults.append(
            Fault(
                mark.last,
                f"到第 {mark.last} 行为止比上次核对时{more}了 {abs(count - mark.count)} 行。",
            )
        )
    return faults
