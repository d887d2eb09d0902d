"""What puts the hotline onto a machine."""
