"""What the office has to do before it opens: people, and what is still to be confirmed."""
