"""The web channel: the widget's HTTP and WebSocket protocol (docs/protocol.md)."""
