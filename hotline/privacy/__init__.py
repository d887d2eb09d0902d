"""What the service knows of persons: who may see it, how long it is kept, and what each may have back or taken out."""
