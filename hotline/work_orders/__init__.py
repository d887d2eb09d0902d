"""Work orders: what the bot must not or cannot settle, with a number, a promised date and a timeline."""
