"""Photographs that citizens and units send: checked, made anew without their hidden data, and kept as files."""
