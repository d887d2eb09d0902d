"""Reads the open interface with the library ``georeport``; runs in that library's own environment.

``georeport_reader.py <address> <number>``: prints what it read, as JSON, for both formats.
"""

from __future__ import annotations

import json
import sys

from georeport import GeoReport


def main(address: str, number: str) -> None:
    """Read everything that the library can read."""
    read = {}
    for form in ("json", "xml"):
        client = GeoReport(address, jurisdiction="zhuzhou", output_format=form)
        read[form] = {
            "services": client.get_service_list(),
            "definition": client.get_service_definition("0711"),
            "requests": client.get_service_requests(service_code="0711", status="open"),
            "by_number": client.get_service_requests(service_request_id=number),
            "request": client.get_service_request(number),
        }
    json.dump(read, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
