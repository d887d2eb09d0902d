"""All that belongs to the desk, put together; held by the application as ``app.state.desk``."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.conversations.hub import Hub
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.desk.drafting import Drafting
from hotline.desk.duty import Duty
from hotline.desk.live import Live
from hotline.desk.looking import Looking
from hotline.desk.replies import Replies
from hotline.desk.service import AgentDesk
from hotline.dispatch.proposals import load_judge
from hotline.language.places import Gazetteer
from hotline.settings import Settings
from hotline.work_orders.service import WorkOrders


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The desk of one process."""

    looking: Looking
    desk: AgentDesk
    duty: Duty
    live: Live
    replies: Replies
    drafting: Drafting

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        conversations: Conversations,
        orders: WorkOrders,
        hub: Hub,
    ) -> Parts:
        """Before ``hub`` begins to listen."""
        office = orders.casework.office
        places = Gazetteer.load(settings.city_dir)
        duty = Duty(database)
        return cls(
            looking=Looking(database, conversations, orders, places),
            desk=AgentDesk(database, conversations, orders, max_length=settings.max_message_length),
            duty=duty,
            live=Live(database, hub, duty, places),
            replies=Replies(database),
            drafting=Drafting(
                database,
                orders,
                places,
                lambda: load_judge(settings, office.routing, office.units, office.topics),
            ),
        )
