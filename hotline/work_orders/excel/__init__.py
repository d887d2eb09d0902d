"""Orders as workbooks: out of the hotline for the office's own reckoning, and in from what was used before."""
