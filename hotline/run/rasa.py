"""Rasa's command line, started 5 s sooner; runs in Rasa's environment, on Python 3.10.

``skops``, with which the classifier is kept, looks through every loaded module for the names of hundreds of types when it
is imported. Measured: 7.6 s after TensorFlow, 2 s before it.
"""

from __future__ import annotations

import skops.io  # noqa: F401
from rasa.__main__ import main

if __name__ == "__main__":
    main()
