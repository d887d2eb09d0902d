"""The commands of ``hotline``, one file a topic."""
