"""The quality loop: what went unanswered or wrong, what is done about it, and the gate before citizens get it."""
