"""The 12345 hotline service: everything that must be remembered, decided or shown."""
