"""The files of the agents' console at ``/console``: every page of it is its ``index.html``, whatever the address."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

#: Stricter than the citizens' page: nothing inline, and no other site shows it in a frame.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
    "base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
_NOT_BUILT = "工作台还没有生成，请先运行 make run。"


class _Assets(StaticFiles):
    """Files whose names change with what is in them."""

    def file_response(self, *args: object, **named: object) -> Response:
        """As it was, to be kept by the browser for a year."""
        response = super().file_response(*args, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def add_console(app: FastAPI, folder: Path) -> None:
    """Serve what was built into ``folder``."""
    app.mount("/console/assets", _Assets(directory=folder / "assets", check_dir=False), name="console-assets")

    @app.get("/console", include_in_schema=False)
    async def bare() -> Response:
        return RedirectResponse("/console/")

    @app.get("/console/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        """A file that stands beside the page, or the page itself, which finds out what was asked for."""
        if "." in path.rpartition("/")[2]:
            beside = folder / path
            # Only what lies in the folder itself.
            if "/" in path or not beside.is_file():
                raise HTTPException(404)
            return FileResponse(beside, headers=HEADERS | {"Cache-Control": "no-cache"})
        index = folder / "index.html"
        if not index.exists():
            return PlainTextResponse(_NOT_BUILT, 503)
        return FileResponse(index, headers=HEADERS | {"Cache-Control": "no-cache"})
