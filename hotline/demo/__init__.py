"""Demo data: a believable month, marked as what it is, and taken out again."""
