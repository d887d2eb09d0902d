"""Names of people in free text: one that is known, and those with which people introduce themselves.

There is no list of given names; a name is found because somebody is known to carry it, or because of the words before
it (我叫…, 联系人…) and because it begins with a surname.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: The commonest surnames and those of two characters (《百家姓》); a name begins with one of them.
_TWO = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|夏侯|长孙|宇文|端木|独孤|南宫|申屠|轩辕|闻人|澹台|公冶|"
    "太史|淳于|单于|濮阳|百里|呼延|西门|钟离"
)
_ONE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳"
    "欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟"
    "邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀胥南班储芮燕"
)
_SURNAME = f"(?:{_TWO}|[{_ONE}])"
#: How a caller is spoken of by the surname. 王局长, 王老板 may be the one that is complained of.
_CALLED = "(?:先生|女士|小姐|同志|师傅|老师|医生|大爷|大妈|大姐|大哥|阿姨|叔叔|婆婆|爹爹|奶奶|爷爷|某某|某|姐|哥|姨|叔)"
#: The same of anybody, without what is said of trades: 班主任老师.
_SPOKEN_OF = re.compile(rf"{_SURNAME}(?:先生|女士|小姐|某某|某(?![些个种地人]))")
_GAP = r"[\s·.．]{0,2}"

_INTRODUCED = re.compile(
    r"(?:我的?(?:名字|姓名)?(?:是|叫做?)|本人(?:姓名)?(?:是|叫)?|"
    r"(?<!被)(?:举报|反映|投诉|申请|联系|诉求|来电|报料|求助|当事|受害|委托)人(?:姓名)?(?:是|叫|为)?|"
    r"(?:姓名|名字|户主|机主|收件人|联络人)(?:是|叫|为)?)"
    rf"[：:\s]{{0,3}}(?P<name>{_SURNAME}{_GAP}[一-鿿](?:{_GAP}[一-鿿])?)"
    # A name ends where the sentence goes on with something that no name is followed by in one word.
    r"(?=$|[\s，,。.；;：:、！!？?（()）“”\"'/0-9+—-]|电话|手机|身份证|住在?|家住|[男女][，,。\s]|今年|的(?:电话|手机|身份证|号码))"
)
#: What ends like this is a place or a trade: 石峰区, 高中生.
_NO_NAME = re.compile(
    "(?:[村路区县镇乡街组桥厂店局院校所站园城湾]|居民|业主|学生|工人|老师|家长|员工|商户|村民|租户)$"
)


def surname(name: str) -> str:
    """The surname of a full name; of what is none, its first character."""
    two = re.match(_TWO, name)
    return two.group() if two and len(name) > 2 else name[:1]


def mask_name(name: str) -> str:
    """``王*``: the surname, and one star for whatever follows."""
    name = name.strip()
    return surname(name) + "*" if len(name) > 1 else name


def hide_name(text: str, name: str | None, instead: str, *, called: bool = False) -> str:
    """``text`` with ``instead`` for the known name of somebody.

    Args:
        called: hide also how one speaks of somebody by the surname: 王女士, 小王.
    """
    name = re.sub(r"\s", "", name or "")
    if len(name) < 2:
        return text
    text = re.sub(_GAP.join(map(re.escape, name)), lambda _: instead, text)
    if called:
        family = re.escape(surname(name))
        text = re.sub(f"{family}{_CALLED}|[小老]{family}(?![一-鿿])", lambda _: instead, text)
    return text


def hide_introduced(text: str, instead: Callable[[str], str]) -> str:
    """``text`` with other words for the names with which people introduce themselves or others.

    Args:
        instead: given the name, what to write.
    """
    for start, end in reversed(list(_introduced(text))):
        text = text[:start] + instead(text[start:end]) + text[end:]
    return text


def introduced_names(text: str) -> list[str]:
    """The names with which people introduce themselves or others, as they are written."""
    return [text[start:end] for start, end in _introduced(text)]


def called_by_surname(text: str, instead: str) -> str:
    """``text`` with ``instead`` for anybody who is spoken of by the surname: 李女士, 陈某."""
    return _SPOKEN_OF.sub(lambda _: instead, text)


def _introduced(text: str) -> Iterator[tuple[int, int]]:
    for match in _INTRODUCED.finditer(text):
        name = match["name"]
        if not _NO_NAME.search(name) and "*" not in name:
            yield match.span("name")
