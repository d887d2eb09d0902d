"""The agents' desk: who waits, who is on duty, who speaks, and what colleagues tell each other (docs/desk-protocol.md)."""
