"""The WeChat channel: the city's 公众号 on the same conversations as the web (docs/wechat.md)."""
