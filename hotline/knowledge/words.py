"""Cuts a text into the pieces that lexical search counts: characters, words, sounds."""

from __future__ import annotations

import re
from itertools import pairwise

import jieba
from pypinyin import lazy_pinyin

from hotline.language.slips import fold

_KEPT = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")

_STOP = """
的 了 吗 呢 啊 吧 呀 嘛 哦 哈 咯 噻 么 我 你 您 他 她 它 我们 你们 他们 咱 咱们 俺 自己 人家
大家 是 在 有 和 与 跟 就 都 也 还 还是 又 再 才 很 太 真 那 这 那个 这个 哪 哪个 哪些 什么 啥
怎么 怎样 咋 如何 为什么 为啥 哪里 哪儿 要 想 能 可以 可不可以 能不能 会 应该 得 需要 必须 去 来 到
给 把 被 让 对 从 向 用 由 为 以 因为 所以 但是 如果 请 请问 麻烦 谢谢 你好 您好 咨询 问 问问
问一下 想问 一下 知道 晓得 告诉 帮 帮忙 说 讲 看 看看 听说 现在 今天 一个 一 个 不 没 没有 不是
是不是 有没有 之 等 或 或者 及 其 此 该 上 下 里 中 后 前 时 时候 办 办理 怎么办 弄 搞 事 事情
手续 株洲 株洲市 湖南 湖南省 我家 家里 屋里 老师 同志 领导
"""
#: Words that say nothing about which matter is meant.
STOP_WORDS = frozenset(_STOP.split())


def clean(text: str) -> str:
    """Lower case, letters, digits and Chinese characters only."""
    return _KEPT.sub(" ", text.lower()).strip()


def characters(text: str) -> list[str]:
    """Character 1-, 2- and 3-grams, never across punctuation."""
    pieces: list[str] = []
    for run in clean(text).split():
        for size in (1, 2, 3):
            pieces.extend(run[start : start + size] for start in range(len(run) - size + 1))
    return pieces


def words(text: str) -> list[str]:
    """Words without those of :data:`STOP_WORDS`; long ones also by their parts."""
    return [word for word in jieba.cut_for_search(clean(text)) if word.strip() and word not in STOP_WORDS]


def sounds(text: str) -> list[str]:
    """Bigrams of the sounds of neighbouring characters."""
    pieces: list[str] = []
    for run in _HAN.findall(text):
        heard = [fold(syllable) for syllable in lazy_pinyin(run)]
        pieces.extend(f"{first} {second}" for first, second in pairwise(heard))
    return pieces
