"""Channels: each takes messages from one kind of place and brings the answers back there."""
