"""Measurements. They are commands, not tests: a figure of a shared machine means something only beside another one."""
