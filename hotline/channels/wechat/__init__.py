"""WeChat on the same conversations as the web: what both kinds of account share, and each kind in a folder (docs/wechat.md)."""
