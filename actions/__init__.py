"""What the dialogue does: thin actions that ask the hotline service and say what it answers."""
