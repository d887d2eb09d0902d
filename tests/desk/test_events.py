"""The stream of events: numbered, kept, and never held up by a console that is slow."""

from __future__ import annotations

import json
import uuid

from hotline.desk.events import MOST_WAITING, Audience, Console, Stream
from hotline.desk.rights import Person

AGENT = Person(number="1024")


def frames(console: Console) -> list[dict[str, object]]:
    """What is to be sent."""
    return [json.loads(text) for text in console.take()]


def test_who_comes_back_gets_what_was_missed_and_nothing_twice() -> None:
    stream = Stream()
    for number in range(5):
        stream.publish("order", {"number": str(number)}, Audience())
    console = Console(AGENT)

    stream.join(console, stream.id, 3)

    assert [frame["seq"] for frame in frames(console)] == [4, 5]


def test_a_place_that_is_not_known_is_answered_with_resync() -> None:
    stream = Stream()
    for number in range(6000):
        stream.publish("order", {"number": str(number)}, Audience())
    for place in ((None, None), ("elsewhere", 5999), (stream.id, 5), (stream.id, 6001)):
        console = Console(AGENT)
        stream.join(console, *place)
        assert frames(console) == [{"type": "resync", "seq": 6000}], place


def test_a_slow_console_gets_resync_in_place_of_what_waits_and_the_others_get_all() -> None:
    stream, slow, quick = Stream(), Console(AGENT), Console(AGENT)
    for console in (slow, quick):
        stream.join(console, stream.id, 0)
    received = []
    for number in range(MOST_WAITING + 10):
        stream.publish("order", {"number": str(number)}, Audience())
        received += frames(quick)

    assert len(received) == MOST_WAITING + 10
    waiting = frames(slow)
    assert waiting[0] == {"type": "resync", "seq": MOST_WAITING + 1}
    assert [frame["seq"] for frame in waiting[1:]] == list(range(MOST_WAITING + 2, MOST_WAITING + 11))


def test_a_slow_console_is_held_to_bytes_as_well() -> None:
    stream, slow = Stream(), Console(AGENT)
    stream.join(slow, stream.id, 0)
    for _ in range(50):
        stream.publish("order", {"number": "x" * 200_000}, Audience())

    assert sum(map(len, slow.take())) < 5_000_000


def test_after_something_was_missed_everybody_reads_anew() -> None:
    stream, here = Stream(), Console(AGENT)
    stream.join(here, stream.id, 0)
    stream.publish("order", {"number": "1"}, Audience())
    stream.forget()
    late = Console(AGENT)
    stream.join(late, stream.id, 1)

    assert [frame["type"] for frame in frames(here)] == ["resync"]
    assert [frame["type"] for frame in frames(late)] == ["resync"]


def test_each_console_gets_what_is_for_it() -> None:
    conversation = uuid.uuid4()
    admin = Console(Person(number="1", roles=("管理员",)))
    unit = Console(Person(number="2", roles=("承办单位",)))
    owner, watcher, other = Console(AGENT), Console(Person(number="3")), Console(Person(number="4"))
    watcher.watched = frozenset({conversation})
    bot = Console(Person(number="5"), bot=True)
    words = Audience(conversation=conversation, agent="1024", watching=True)
    line = Audience(conversation=conversation, bot=True)
    duty = Audience(right="presence")

    everybody = (admin, unit, owner, watcher, other, bot)
    assert [c for c in everybody if c.wants(words)] == [owner, watcher]
    assert [c for c in everybody if c.wants(line)] == [watcher, bot]
    assert [c for c in everybody if c.wants(Audience())] == [owner, watcher, other, bot]
    assert [c for c in everybody if c.wants(duty)] == [admin, owner, watcher, other, bot]
