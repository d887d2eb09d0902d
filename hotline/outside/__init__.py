"""Other systems of the city that handle our orders: what is sent to them, and what they report back."""
