"""Sets the hotline's processes up, starts them, and keeps them running."""
