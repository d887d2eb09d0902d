"""What the WeChat channel says to citizens, gathered to be proof-read."""

from __future__ import annotations

AGENT_SAYS = "【坐席 {agent}】{text}"
SOURCE = "来源：{title}（{checked} 核对，{unit}）"
CHOOSE = "请回复【】里的数字，也可以直接打字："
CHOOSE_BY_NAME = "您可以直接打字问，也可以回复下面的词："

VOICE = "语音收到了，可是没有听清里面的字。请您打字说，或者点输入框旁的话筒，用语音转文字发来。"
VIDEO = "视频收到了，我们这里还看不了视频。请您打字说说是什么事；要紧的地方可以拍照片发来。"
FILE = "这种内容我们这里还打不开。请您打字说说是什么事，或者拍照片发来。"
#: The words of a place that came without any.
PLACE = "地图上指的位置"
PHOTO_LOST = "照片没有收到，可能是网络不好。请您再发一次。"
STICKER = "收到啦。有什么事要问、要反映，请直接打字告诉我。"
AGAIN = "欢迎回来。有什么事要问、要反映，请直接打字。"
UNKNOWN_LINE = "这个菜单刚刚换了，请直接打字告诉我您要办什么。"

#: Why a template message did not arrive, for agents.
NOT_ARRIVED = {
    "failed:user block": "市民拒收了公众号的消息",
    "failed: system failed": "微信系统没有发出去",
}
NOT_ARRIVED_OTHERWISE = "微信没有送到（{status}）"

#: What stands in the transcript for what cannot be shown, so that the agent knows of it.
NOT_SHOWN = {
    "voice": "［语音，没有识别出文字］",
    "video": "［视频］",
    "shortvideo": "［视频］",
    "file": "［打不开的内容］",
}
#: What somebody in 企业微信 has sent and the transcript cannot show.
SENT_THERE = {
    "image": "［图片］",
    "voice": "［语音］",
    "video": "［视频］",
    "file": "［文件］",
    "location": "［位置］",
    "miniprogram": "［小程序］",
    "other": "［工作台里打不开的内容］",
}
