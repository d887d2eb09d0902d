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

from sqlalchemy import cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.city import City
from hotline.conversations import following, photos, steps, texts
from hotline.conversations.engine import EngineAnswer
from hotline.conversations.errors import ConversationError as ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.conversations.steps import CHANNEL as CHANNEL
from hotline.database import Database, now
from hotline.language.emergency import detect_emergency


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
    in_service_hours: bool = True


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
        #: Knows the orders that a conversation follows; the application sets it.
        self.following: following.Following | None = None

    @property
    def in_service_hours(self) -> bool:
        """Whether agents are on duty at this hour."""
        return self._city.human_hours.open_at(now(), self._city.calendar)

    @property
    def service_hours(self) -> str:
        """When agents are on duty, in words."""
        return self._city.human_hours.words

    async def start(self, channel: str) -> uuid.UUID:
        """Begin a conversation with the welcome message, and return its id."""
        async with self._database.transaction() as session:
            return await self.begin(session, channel)

    async def begin(self, session: AsyncSession, channel: str) -> uuid.UUID:
        """The same, in the caller's transaction."""
        conversation = Conversation(id=uuid.uuid4(), channel=channel, mode="bot", last_seq=0)
        session.add(conversation)
        await session.flush()
        welcome = texts.WELCOME.format(hotline=self._city.hotline_name) + "\n" + texts.NOTICE
        steps.append(session, conversation, "bot", welcome, {"buttons": texts.MENU, "menu": True})
        await session.flush()
        return conversation.id

    async def receive(
        self,
        conversation_id: uuid.UUID,
        *,
        client_id: str,
        text: str | None = None,
        press: Press | None = None,
        attachments: Sequence[uuid.UUID] = (),
        place: dict[str, Any] | None = None,
        limited: bool = True,
    ) -> Message:
        """Keep a citizen's message; the same ``client_id`` again gives the message that is there.

        Args:
            attachments: photographs that were uploaded before; then there is neither text nor press.
            place: a place on a map, which ``text`` names: ``lat``, ``long``, ``datum``, ``label``.

        Raises:
            ConversationError: too long, empty, too fast, no such conversation or button.
            AttachmentError: too many photographs, or one that is not there.
        """
        async with self._database.transaction() as session:
            conversation = await steps.lock(session, conversation_id)
            same = select(Message).where(
                Message.conversation_id == conversation_id, Message.client_id == client_id
            )
            known: Message | None = (await session.scalars(same)).one_or_none()
            if known is not None:
                return known
            if limited:
                await self._check_rate(session, conversation_id)
            conversation.began_at = conversation.began_at or now()
            command: str | None
            if attachments:
                return await self._receive_photos(session, conversation, client_id, attachments)
            if press is not None:
                text, command = await self._pressed(session, conversation, press)
            else:
                text = steps.check_text(text or "", self._max_length)
                command = await self._button_in_words(session, conversation, text)
                if (
                    command is None
                    and conversation.mode == "queued"
                    and _bare(text) in texts.LEAVE_QUEUE_WORDS
                ):
                    command = texts.LEAVE_QUEUE
                if command is None and await self._says_stop(session, conversation, text):
                    command = following.STOP
            # Known at once, whatever the engine does: the desk is alarmed, and who waits is taken first.
            danger = detect_emergency(text) if command is None else None
            content: dict[str, Any] = {"emergency": list(danger.numbers)} if danger else {}
            if place is not None:
                content["place"] = place
            message = steps.append(session, conversation, "citizen", text, content, command=command)
            message.client_id = client_id
            if command is not None and command.startswith("!"):
                await self._obey(session, conversation, command)
            elif conversation.mode == "bot":
                message.state = "pending"
            elif conversation.mode == "queued" and danger is not None:
                self._warn(session, conversation, danger.numbers)
                if conversation.priority != steps.EMERGENCY:
                    conversation.priority = steps.EMERGENCY
                    await steps.notify_waiting(session)
            await steps.notify(session, conversation_id)
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
        message = steps.append(session, conversation, "citizen", words, {})
        message.client_id = client_id
        sent = await self.photos.do_send(session, conversation.id, message.seq, attachments)
        message.content = {"attachments": sent}
        if conversation.mode == "bot":
            message.state = "pending"
        else:
            form = await photos.open_form(session, conversation.id)
            await self.photos.do_place(session, conversation.id, message.seq, form)
        await steps.notify(session, conversation.id)
        return message

    async def answer_photos(self, session: AsyncSession, message: Message) -> EngineAnswer:
        """The answer to a message of photographs, which are put where they belong, in the caller's transaction."""
        assert self.photos is not None
        await steps.lock(session, message.conversation_id)
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
        conversation = await steps.lock(session, conversation_id)
        message = await session.get(Message, (conversation_id, seq), populate_existing=True)
        if message is None or message.state != "pending":
            return False
        message.state = "done"
        message.answered_at = now()
        message.evidence = evidence
        if self.photos is not None and evidence.get("form", photos.ORDER_FORM) != photos.ORDER_FORM:
            await self.photos.do_release(session, conversation_id)
        await steps.notify(session, conversation_id)
        if conversation.mode == "human":
            return False
        conversation.bot_answered = not evidence.get("fallback")
        for ordinal, reply in enumerate(replies):
            content = {key: value for key, value in reply.items() if key not in ("text", "handoff") and value}
            answer = steps.append(session, conversation, "bot", reply.get("text") or "", content)
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
        conversation = await steps.lock(session, conversation_id)
        steps.append(session, conversation, "system", words, content)
        await steps.notify(session, conversation_id)

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

    async def do_type(self, conversation_id: uuid.UUID, who: str, on: bool) -> None:
        """Tell whoever looks on that somebody writes: ``citizen``, or the number of an agent. Nothing is kept."""
        payload = f"{conversation_id}:{who}:{int(on)}"
        async with self._database.transaction() as session:
            await session.execute(select(func.pg_notify(steps.TYPING, payload)))

    async def do_end_stale_queues(self, minutes: int) -> int:
        """Give conversations nobody claimed for ``minutes`` back to the bot; return how many."""
        limit = now() - timedelta(minutes=minutes)
        stale = (Conversation.mode == "queued", Conversation.queued_at < limit)
        async with self._database.transaction() as session:
            query = select(Conversation).where(*stale).with_for_update(skip_locked=True)
            found = (await session.scalars(query)).all()
            for conversation in found:
                await steps.to_bot(session, conversation, texts.QUEUE_TIMEOUT, texts.AFTER_QUEUE_BUTTONS)
                await steps.notify(session, conversation.id)
            if found:
                await steps.notify_waiting(session)
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
        position = await steps.position(session, conversation)
        pending = await session.scalar(
            select(func.count()).where(Message.conversation_id == conversation_id, Message.state == "pending")
        )
        return State(conversation.mode, position, conversation.agent, bool(pending), self.in_service_hours)

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
            await steps.to_bot(session, conversation, texts.LEFT_QUEUE, texts.AFTER_QUEUE_BUTTONS)
            await steps.notify_waiting(session)
        elif command == texts.QUEUE:
            await self._enqueue(session, conversation, "engine_down")
        elif command.startswith(photos.ELSEWHERE) and self.photos is not None:
            seq = int(command.removeprefix(photos.ELSEWHERE))
            number = await self.photos.do_take_back(session, conversation.id, seq)
            words = texts.PHOTOS_TAKEN_BACK.format(number=number) if number else texts.PHOTOS_NOT_TAKEN_BACK
            buttons = {"buttons": texts.PHOTOS_TAKEN_BACK_BUTTONS}
            steps.append(session, conversation, "system", words, buttons)
        elif command.startswith(following.STOP) and self.following is not None:
            words, choices = await following.stop(session, self.following, conversation.id, command)
            steps.append(session, conversation, "system", words, {"buttons": choices})

    async def _says_stop(self, session: AsyncSession, conversation: Conversation, words: str) -> bool:
        """Whether the citizen wants to hear no more of an order; an agent who is there is told so like anything else."""
        if (
            self.following is None
            or conversation.mode == "human"
            or _bare(words) not in texts.STOP_FOLLOWING_WORDS
        ):
            return False
        return bool(await self.following.followed(session, conversation.id))

    def _warn(self, session: AsyncSession, conversation: Conversation, numbers: Sequence[str]) -> None:
        """Name the emergency numbers at once while nobody has taken the conversation yet."""
        warning = texts.EMERGENCY_WHILE_WAITING.format(numbers="、".join(numbers))
        steps.append(session, conversation, "system", warning, {"buttons": texts.QUEUE_BUTTONS})

    async def _enqueue(self, session: AsyncSession, conversation: Conversation, reason: str) -> None:
        if conversation.mode != "bot":
            return
        ahead = await steps.wait(session, conversation, reason, priority=steps.USUAL)
        words = texts.QUEUED.format(ahead=ahead) if ahead else texts.QUEUED_NEXT
        if not self.in_service_hours:
            words = texts.QUEUED_OUT_OF_HOURS.format(hours=self.service_hours)
        steps.append(session, conversation, "system", words, {"buttons": texts.QUEUE_BUTTONS})


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
