"""The working calendar that is edited while the hotline runs."""
