"""The 公众号: pushes that are answered at once, customer-service messages, templates, the menu."""
