"""Which orders are about the same thing: one case with many callers (疑似重复), and what many complain of (热点)."""
