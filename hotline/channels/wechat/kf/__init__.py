"""微信客服 of 企业微信: a callback that only calls, messages that are pulled, sessions that a person there can take."""
