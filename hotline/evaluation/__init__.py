"""Is it right? The questions of ``data/evaluation``, what is measured with them, and the floors under the figures."""
