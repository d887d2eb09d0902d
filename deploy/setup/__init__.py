"""Builds the environments. Runs before anything is installed: standard library only, on Python 3.11 or newer."""
