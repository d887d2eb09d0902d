"""People at work: who they are, how they log in, and what their session lets them do (docs/accounts.md)."""
