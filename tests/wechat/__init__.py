"""The WeChat channel against a platform and phones of our own, over real HTTP."""
