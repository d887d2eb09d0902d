"""Open311 GeoReport v2: how other systems hand in requests and follow them, in XML and JSON."""
