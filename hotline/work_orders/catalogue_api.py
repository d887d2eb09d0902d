"""Names for the codes of orders: what the console's pickers choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hotline.work_orders.acting import ActorDep, OrdersDep
from hotline.work_orders.lifecycle import NATURES
from hotline.work_orders.models import URGENCIES
from hotline.work_orders.office import Office

router = APIRouter(tags=["catalogue"])


class Named(BaseModel):
    """A code and its name."""

    code: str
    name: str


class UnitOut(Named):
    """A unit; ``area`` is its district's code, None: one of the city's own."""

    area: str | None


class LevelOut(BaseModel):
    """A level of 督办."""

    level: int
    name: str


class CatalogueOut(BaseModel):
    """All names."""

    units: list[UnitOut]
    topics: list[Named]
    areas: list[Named]
    natures: list[str]
    urgencies: list[str]
    levels: list[LevelOut]
    extension_days: int = Field(description="The most working days that a unit may ask for.")


def _office(orders: OrdersDep) -> Office:
    return orders.casework.office


@router.get("/catalogue")
async def catalogue(office: Annotated[Office, Depends(_office)], actor: ActorDep) -> CatalogueOut:
    """Units, topics, districts, and the words that may be chosen."""
    units = list(office.units)
    process = office.process
    return CatalogueOut(
        units=[UnitOut(code=unit.code, name=unit.name, area=unit.area) for unit in units],
        topics=[Named(code=code, name=name) for code, name in office.topics.items()],
        areas=[
            Named(code=unit.code, name=unit.name.removesuffix("人民政府"))
            for unit in units
            if unit.area == unit.code
        ],
        natures=list(NATURES),
        urgencies=list(URGENCIES),
        levels=[
            LevelOut(level=number, name=level.name) for number, level in enumerate(process.supervision, 1)
        ],
        extension_days=process.extension.working_days,
    )
