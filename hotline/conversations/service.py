"""What may be done with a conversation.

Accepted means persisted. All writes to one conversation take its row's lock, so its messages are numbered in the
order in which they are committed, and whoever asks for "what came after number N" misses nothing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.city import City
from hotline.conversations import photos, texts
from hotline.conversations.engine import EngineAnswer
from hotline.conversations.models import Conversation, Message
from hotline.database import Database, now
from hotline.language.emergency import detect_emergency


class ConversationError(Exception):
    """What cannot be done, in words for the one who asked. ``code`` is for programs."""

    def __init__(self, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True)
class Press:
    """A pressed button: the number of the message that offers it, and its place from 0."""

    message: int
    button: int


@dataclass(frozen=True)
class State:
    """How a conversation stands, as the citizen may know it."""

    mode: str
    #: Place in the queue, from 1; None when not waiting.
    position: int | None
    agent: str | None
    #: A message waits for the bot's answer.
    typing: bool


#: NOTIFY channel; the payload is the conversation's id.
CHANNEL = "hotline_conversation"


class Conversations:
    """The conversations of all channels."""

    def __init__(self, database: Database, city: City, *, max_length: int, rate: int) -> None:
        self._database = database
        self._city = city
        self._max_length = max_length
        #: Messages a minute that one conversation may send; 0: no limit.
        self._rate = rate
        #: Takes photographs; the application sets it where they can be sent.
        self.photos: photos.Photos | None = None

    async def start(self, channel: str) -> uuid.UUID:
        """Begin a conversation with the welcome message, and return its id."""
        conversation = Conversation(id=uuid.uuid4(), channel=channel, mode="bot", last_seq=0)
        async with self._database.transaction() as session:
            session.add(conversation)
            await session.flush()
            welcome = texts.WELCOME.format(hotline=self._city.hotline_name) + "\n" + texts.NOTICE
            self._append(session, conversation, "bot", welcome, {"buttons": texts.MENU, "menu": True})
        return conversation.id

    async def receive(
        self,
        conversation_id: uuid.UUID,
        *,
        client_id: str,
        text: str | None = None,
        press: Press | None = None,
        attachments: Sequence[uuid.UUID] = (),
        limited: bool = True,
    ) -> Message:
        """Keep a citizen's message; the same ``client_id`` again gives the message that is there.

        Args:
            attachments: photographs that were uploaded before; then there is neither text nor press.

        Raises:
            ConversationError: too long, empty, too fast, no such conversation or button.
            AttachmentError: too many photographs, or one that is not there.
        """
        async with self._database.transaction() as session:
            conversation = await self._lock(session, conversation_id)
            same = select(Message).where(
                Message.conversation_id == conversation_id, Message.client_id == client_id
            )
            known: Message | None = (await session.scalars(same)).one_or_none()
            if known is not None:
                return known
            if limited:
                await self._check_rate(session, conversation_id)
            command: str | None
            if attachments:
                return await self._receive_photos(session, conversation, client_id, attachments)
            if press is not None:
                text, command = await self._pressed(session, conversation, press)
            else:
                text = self._check_text(text or "")
                command = await self._button_in_words(session, conversation, text)
                if (
                    command is None
                    and conversation.mode == "queued"
                    and _bare(text) in texts.LEAVE_QUEUE_WORDS
                ):
                    command = texts.LEAVE_QUEUE
            message = self._append(session, conversation, "citizen", text, {}, command=command)
            message.client_id = client_id
            if command is not None and command.startswith("!"):
                await self._obey(session, conversation, command)
            elif conversation.mode == "bot":
                message.state = "pending"
            elif conversation.mode == "queued":
                self._warn(session, conversation, text)
            await self._notify(session, conversation_id)
            return message

    async def _receive_photos(
        self,
        session: AsyncSession,
        conversation: Conversation,
        client_id: str,
        attachments: Sequence[uuid.UUID],
    ) -> Message:
        if self.photos is None:
            raise ConversationError("no_photos_here", texts.PHOTOS_NOT_HERE)
        words = texts.PHOTOS_TEXT.format(count=len(set(attachments)))
        message = self._append(session, conversation, "citizen", words, {})
        message.client_id = client_id
        sent = await self.photos.do_send(session, conversation.id, message.seq, attachments)
        message.content = {"attachments": sent}
        if conversation.mode == "bot":
            message.state = "pending"
        else:
            form = await photos.open_form(session, conversation.id)
            await self.photos.do_place(session, conversation.id, message.seq, form)
        await self._notify(session, conversation.id)
        return message

    async def answer_photos(self, session: AsyncSession, message: Message) -> EngineAnswer:
        """The answer to a message of photographs, which are put where they belong, in the caller's transaction."""
        assert self.photos is not None
        await self._lock(session, message.conversation_id)
        return await photos.answer(session, self.photos, message)

    async def deliver(
        self,
        session: AsyncSession,
        conversation_id: uuid.UUID,
        seq: int,
        replies: Sequence[dict[str, Any]],
        evidence: dict[str, Any],
    ) -> bool:
        """Keep the bot's replies to message ``seq`` and mark it answered, in the caller's transaction.

        Returns:
            False when the message was answered before, or an agent has the conversation by now: the replies
            are then not given, since the bot is silent while a human speaks.
        """
        conversation = await self._lock(session, conversation_id)
        message = await session.get(Message, (conversation_id, seq), populate_existing=True)
        if message is None or message.state != "pending":
            return False
        message.state = "done"
        message.answered_at = now()
        message.evidence = evidence
        if self.photos is not None and evidence.get("form", photos.ORDER_FORM) != photos.ORDER_FORM:
            await self.photos.do_release(session, conversation_id)
        await self._notify(session, conversation_id)
        if conversation.mode == "human":
            return False
        for ordinal, reply in enumerate(replies):
            content = {key: value for key, value in reply.items() if key not in ("text", "handoff") and value}
            answer = self._append(session, conversation, "bot", reply.get("text") or "", content)
            answer.reply_to, answer.ordinal = seq, ordinal
            if reply.get("handoff") == "queued":
                await self._enqueue(session, conversation, str(reply.get("reason") or "citizen"))
        return True

    async def tell(
        self, session: AsyncSession, conversation_id: uuid.UUID, words: str, content: dict[str, Any]
    ) -> None:
        """Say something that nobody has asked for just now, in the caller's transaction.

        Args:
            content: buttons, card, and what else the channel shows.

        Raises:
            ConversationError: there is no such conversation.
        """
        conversation = await self._lock(session, conversation_id)
        self._append(session, conversation, "system", words, content)
        await self._notify(session, conversation_id)

    async def messages(self, conversation_id: uuid.UUID, *, after: int = 0) -> Sequence[Message]:
        """The messages with numbers above ``after``, in order."""
        async with self._database.transaction() as session:
            return await self._messages(session, conversation_id, after)

    async def state(self, conversation_id: uuid.UUID) -> State:
        """How the conversation stands.

        Raises:
            ConversationError: there is no such conversation.
        """
        async with self._database.transaction() as session:
            return await self._state(session, conversation_id)

    async def look(self, conversation_id: uuid.UUID, *, after: int = 0) -> tuple[Sequence[Message], State]:
        """Both at once: what came after message ``after``, and how the conversation stands.

        Raises:
            ConversationError: there is no such conversation.
        """
        async with self._database.transaction() as session:
            # In this order: what comes between the two is told as still to come, not as missed.
            found = await self._messages(session, conversation_id, after)
            return found, await self._state(session, conversation_id)

    async def do_rate(self, conversation_id: uuid.UUID, seq: int, useful: bool) -> None:
        """Keep whether the citizen found an answer useful.

        Raises:
            ConversationError: there is no such answer.
        """
        async with self._database.transaction() as session:
            message = await session.get(Message, (conversation_id, seq))
            if message is None or message.author != "bot":
                raise ConversationError("not_found", texts.NO_SUCH_MESSAGE)
            message.feedback = useful

    # The agents' desk.

    async def queue(self) -> Sequence[Conversation]:
        """The waiting conversations, longest first."""
        query = select(Conversation).where(Conversation.mode == "queued").order_by(Conversation.queued_at)
        async with self._database.transaction() as session:
            return (await session.scalars(query)).all()

    async def do_claim(self, conversation_id: uuid.UUID, agent: str) -> None:
        """Give a waiting conversation to ``agent``; of several who ask at once, one gets it.

        Raises:
            ConversationError: it is not waiting (any more).
        """
        async with self._database.transaction() as session:
            conversation = await self._lock(session, conversation_id)
            if conversation.mode != "queued":
                raise ConversationError("not_waiting", texts.NOT_WAITING)
            conversation.mode, conversation.agent = "human", agent
            self._append(session, conversation, "system", texts.CLAIMED.format(agent=agent), {})
            await self._notify(session, conversation_id)
            await self._notify_waiting(session)

    async def do_say(self, conversation_id: uuid.UUID, agent: str, words: str, *, client_id: str) -> Message:
        """Say something to the citizen as ``agent``; the same ``client_id`` says it once.

        Raises:
            ConversationError: the conversation is not this agent's.
        """
        async with self._database.transaction() as session:
            conversation = await self._lock(session, conversation_id)
            same = select(Message).where(
                Message.conversation_id == conversation_id, Message.client_id == client_id
            )
            known: Message | None = (await session.scalars(same)).one_or_none()
            if known is not None:
                return known
            if conversation.mode != "human" or conversation.agent != agent:
                raise ConversationError("not_yours", texts.NOT_YOURS)
            message = self._append(session, conversation, "agent", self._check_text(words), {})
            message.agent, message.client_id = agent, client_id
            await self._notify(session, conversation_id)
            return message

    async def do_hand_back(self, conversation_id: uuid.UUID, agent: str) -> None:
        """Give the conversation back to the bot.

        Raises:
            ConversationError: the conversation is not this agent's.
        """
        async with self._database.transaction() as session:
            conversation = await self._lock(session, conversation_id)
            if conversation.mode != "human" or conversation.agent != agent:
                raise ConversationError("not_yours", texts.NOT_YOURS)
            self._to_bot(session, conversation, texts.HANDED_BACK, [])
            await self._notify(session, conversation_id)

    async def do_end_stale_queues(self, minutes: int) -> int:
        """Give conversations nobody claimed for ``minutes`` back to the bot; return how many."""
        limit = now() - timedelta(minutes=minutes)
        stale = (Conversation.mode == "queued", Conversation.queued_at < limit)
        async with self._database.transaction() as session:
            query = select(Conversation).where(*stale).with_for_update(skip_locked=True)
            found = (await session.scalars(query)).all()
            for conversation in found:
                self._to_bot(session, conversation, texts.QUEUE_TIMEOUT, texts.AFTER_QUEUE_BUTTONS)
                await self._notify(session, conversation.id)
            if found:
                await self._notify_waiting(session)
            return len(found)

    # Below: parts of the above.

    async def _messages(
        self, session: AsyncSession, conversation_id: uuid.UUID, after: int
    ) -> Sequence[Message]:
        query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
        return (await session.scalars(query.order_by(Message.seq))).all()

    async def _state(self, session: AsyncSession, conversation_id: uuid.UUID) -> State:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None:
            raise ConversationError("token_invalid", texts.TOKEN_INVALID)
        position = await self._position(session, conversation)
        pending = await session.scalar(
            select(func.count()).where(Message.conversation_id == conversation_id, Message.state == "pending")
        )
        return State(conversation.mode, position, conversation.agent, bool(pending))

    def _append(
        self,
        session: AsyncSession,
        conversation: Conversation,
        author: str,
        words: str,
        content: dict[str, Any],
        *,
        command: str | None = None,
    ) -> Message:
        conversation.last_seq += 1
        conversation.changed_at = now()
        message = Message(
            conversation_id=conversation.id,
            seq=conversation.last_seq,
            author=author,
            text=words,
            content=content,
            command=command,
            state="done",
            created_at=now(),
        )
        session.add(message)
        return message

    async def _lock(self, session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
        query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        found = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
        if found is None:
            raise ConversationError("token_invalid", texts.TOKEN_INVALID)
        return found

    async def _notify(self, session: AsyncSession, conversation_id: uuid.UUID) -> None:
        await session.execute(text("SELECT pg_notify(:c, :p)"), {"c": CHANNEL, "p": str(conversation_id)})

    async def _notify_waiting(self, session: AsyncSession) -> None:
        """Tell all who wait that their places may have changed."""
        await session.execute(
            select(func.pg_notify(CHANNEL, cast(Conversation.id, Text))).where(Conversation.mode == "queued")
        )

    def _check_text(self, words: str) -> str:
        # Neither NUL nor half a surrogate pair can be stored.
        words = words.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()
        if not words:
            raise ConversationError("empty", texts.EMPTY)
        if len(words) > self._max_length:
            raise ConversationError("too_long", texts.TOO_LONG.format(limit=self._max_length))
        return words

    async def _check_rate(self, session: AsyncSession, conversation_id: uuid.UUID) -> None:
        if not self._rate:
            return
        recent = select(Message.created_at).where(
            Message.conversation_id == conversation_id,
            Message.author == "citizen",
            Message.created_at > now() - timedelta(minutes=1),
        )
        times = (await session.scalars(recent.order_by(Message.seq.desc()).limit(self._rate))).all()
        if len(times) >= self._rate:
            seconds = max(1, 60 - int((now() - times[-1]).total_seconds()))
            raise ConversationError("too_fast", texts.TOO_FAST.format(seconds=seconds), retry_after=seconds)

    async def _pressed(
        self, session: AsyncSession, conversation: Conversation, press: Press
    ) -> tuple[str, str]:
        offering = await session.get(Message, (conversation.id, press.message))
        buttons = offering.content.get("buttons", []) if offering else []
        if not 0 <= press.button < len(buttons):
            raise ConversationError("no_such_button", texts.NO_SUCH_BUTTON)
        button = buttons[press.button]
        return str(button["title"]), str(button["payload"])

    async def _button_in_words(
        self, session: AsyncSession, conversation: Conversation, words: str
    ) -> str | None:
        """The command of the newest offered button (or menu tile) whose title or place the citizen typed."""
        # A notice without buttons that has come in between does not take back what was offered.
        offers = func.jsonb_array_length(func.coalesce(Message.content["buttons"], cast([], JSONB))) > 0
        newest = (
            select(Message)
            .where(
                Message.conversation_id == conversation.id,
                Message.author.in_(("bot", "system")),
                or_(Message.content["notice"].is_(None), offers),
            )
            .order_by(Message.seq.desc())
            .limit(1)
        )
        offering = [
            (await session.scalars(newest)).one_or_none(),
            await session.get(Message, (conversation.id, 1)),
        ]
        wanted = texts.BUTTON_WORDS.get(_bare(words), _bare(words))
        for message in filter(None, offering):
            # "2" or "第二个" names a button of the newest message; the tiles of the welcome have no numbers.
            by_place = message is offering[0] and not message.content.get("menu")
            for place, button in enumerate(message.content.get("buttons", []), 1):
                named = button["title"] == wanted or (by_place and _place_named(wanted) == place)
                if named and button["payload"].startswith(("/", "!")):
                    return str(button["payload"])
        return None

    async def _obey(self, session: AsyncSession, conversation: Conversation, command: str) -> None:
        """Carry out a command that is the service's own, not Rasa's."""
        # Who leaves a queue that has just ended hears it all the same: no press goes unanswered.
        if command == texts.LEAVE_QUEUE and conversation.mode != "human":
            self._to_bot(session, conversation, texts.LEFT_QUEUE, texts.AFTER_QUEUE_BUTTONS)
            await self._notify_waiting(session)
        elif command == texts.QUEUE:
            await self._enqueue(session, conversation, "engine_down")
        elif command.startswith(photos.ELSEWHERE) and self.photos is not None:
            seq = int(command.removeprefix(photos.ELSEWHERE))
            number = await self.photos.do_take_back(session, conversation.id, seq)
            words = texts.PHOTOS_TAKEN_BACK.format(number=number) if number else texts.PHOTOS_NOT_TAKEN_BACK
            buttons = {"buttons": texts.PHOTOS_TAKEN_BACK_BUTTONS}
            self._append(session, conversation, "system", words, buttons)

    def _warn(self, session: AsyncSession, conversation: Conversation, words: str) -> None:
        """Name the emergency numbers at once while nobody has taken the conversation yet."""
        emergency = detect_emergency(words)
        if emergency is not None:
            numbers = "、".join(emergency.numbers)
            warning = texts.EMERGENCY_WHILE_WAITING.format(numbers=numbers)
            self._append(session, conversation, "system", warning, {"buttons": texts.QUEUE_BUTTONS})

    def _to_bot(
        self, session: AsyncSession, conversation: Conversation, words: str, buttons: list[dict[str, Any]]
    ) -> None:
        conversation.mode = "bot"
        conversation.agent = conversation.queued_at = conversation.queue_reason = None
        self._append(session, conversation, "system", words, {"buttons": buttons})

    async def _enqueue(self, session: AsyncSession, conversation: Conversation, reason: str) -> None:
        if conversation.mode != "bot":
            return
        conversation.mode, conversation.queued_at, conversation.queue_reason = "queued", now(), reason
        await session.flush()
        ahead = (await self._position(session, conversation) or 1) - 1
        words = texts.QUEUED.format(ahead=ahead) if ahead else texts.QUEUED_NEXT
        self._append(session, conversation, "system", words, {"buttons": texts.QUEUE_BUTTONS})
        # What the citizen wrote meanwhile is for the agent, not for the bot.
        await session.execute(
            update(Message)
            .where(Message.conversation_id == conversation.id, Message.state == "pending")
            .values(state="done")
        )

    async def _position(self, session: AsyncSession, conversation: Conversation) -> int | None:
        if conversation.mode != "queued":
            return None
        before = select(func.count()).where(
            Conversation.mode == "queued", Conversation.queued_at <= conversation.queued_at
        )
        return int(await session.scalar(before) or 1)


def _place_named(words: str) -> int | None:
    """The place that words like 2, 第二个 or 二 name, from 1."""
    found = re.fullmatch(r"第?([1-9一二三四五六七八九])(个|项|条|件)?", words)
    if found is None:
        return None
    digit = found[1]
    return int(digit) if digit.isascii() else "一二三四五六七八九".index(digit) + 1


def _bare(words: str) -> str:
    """Words without what stands around them."""
    return words.strip(" 。.!！，,~～")
