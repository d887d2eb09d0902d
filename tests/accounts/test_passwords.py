"""What a password may be, and that nothing of it is kept."""

from __future__ import annotations

import pytest

from hotline.accounts.passwords import Passwords, one_time, problem


@pytest.mark.parametrize(
    "password",
    [
        "今天天气很好我要去湘江边走走",
        "correct horse battery",
        "Zhuzhou-1024-hotline",
        "k7mq-x2ra-9ten",
        "　湘江水清又长又长又宽",
    ],
)
def test_length_is_what_counts(password: str) -> None:
    assert problem(password, number="1024", name="王芳") is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "至少 10 个字符"),
        ("Ab1!xyz", "至少 10 个字符"),
        ("x" * 129, "最多 128 个字符"),
        ("1234567890", "太常见"),
        ("１２３４５６７８９０", "太常见"),
        ("Admin@123456", "太常见"),
        ("abcdefghijkl", "太常见"),
        ("9876543210", "太常见"),
        ("ponmlkjihgfedcba", "太常见"),
        ("aaaaaaaaaaab", "重复"),
        ("1024102410ab", "只是工号"),
        ("王芳王芳王芳王芳12", "重复"),
        ("10241024wang", "只是工号"),
    ],
)
def test_a_bad_password_is_refused_with_a_clear_sentence(password: str, words: str) -> None:
    said = problem(password, number="1024", name="王芳")
    assert said is not None
    assert words in said


def test_one_time_passwords_are_good_and_never_the_same() -> None:
    made = {one_time() for _ in range(100)}
    assert len(made) == 100
    assert all(problem(password, number="1024", name="王芳") is None for password in made)


async def test_the_hash_tells_right_from_wrong_and_keeps_nothing_readable() -> None:
    quick = Passwords(time_cost=1, memory_kib=64, parallelism=1)
    kept = await quick.hash("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert "horse" not in kept
    assert kept != await quick.hash("correct horse battery")
    assert await quick.matches(kept, "correct horse battery")
    assert await quick.matches(kept, "ｃｏｒｒｅｃｔ horse battery")
    assert not await quick.matches(kept, "correct horse batterie")
    assert not await quick.matches("no hash", "correct horse battery")
    assert not await quick.matches(None, "")
    assert not await quick.matches(kept, "\ud800")
    assert not quick.is_outdated(kept)
    assert Passwords(time_cost=2, memory_kib=64, parallelism=1).is_outdated(kept)
