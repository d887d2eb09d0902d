"""What a browser is, in words that its owner recognises. Pure."""

from __future__ import annotations

#: The first that stands in the User-Agent counts: most browsers name several.
_SYSTEMS = (
    ("OpenHarmony", "鸿蒙"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("UOS", "统信 UOS"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("QIHU", "360 浏览器"),
    ("360SE", "360 浏览器"),
    ("Qaxbrowser", "奇安信浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def in_words(user_agent: str) -> str:
    """``Windows 上的 Edge``."""
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    if system and browser:
        after, before = (" " if words.isascii() else "" for words in (system[-1], browser[0]))
        return f"{system}{after}上的{before}{browser}"
    return system or browser or "不认识的设备"
