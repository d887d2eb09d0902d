"""The 「一件事」 knowledge base: its files, its index, and the answers it gives."""
