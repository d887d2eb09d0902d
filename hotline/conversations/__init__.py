"""Conversations: every message is kept here, in order, and goes to the bot or to the agents' desk."""
