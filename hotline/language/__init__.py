"""How a citizen's words are read: pure modules without I/O of their own, shared by Rasa and the service.

Both environments import them, so they keep to Python 3.10.
"""
