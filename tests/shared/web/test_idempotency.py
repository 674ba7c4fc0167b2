"""Idempotency-Key: one effect and one answer for a request sent again, on a real PostgreSQL."""

import asyncio

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from shared.web.idempotency import Idempotent
from shared.web.problems import Problem
from tests.signed import headers

pytestmark = pytest.mark.servers


class Order(BaseModel):
    item: str


class Placed(BaseModel):
    number: int
    item: str
    cause: str


@pytest.fixture
async def http(engine, serve):
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE orders (number serial, item text)"))
    router = APIRouter()

    @router.post("/v1/orders", response_model=Placed, status_code=201)
    @router.post("/v1/returns", response_model=Placed, status_code=201)
    async def place(order: Order, once: Idempotent):
        async with engine.begin() as connection:

            async def work() -> Placed:
                found = await connection.execute(
                    text("INSERT INTO orders (item) VALUES (:item) RETURNING number"),
                    order.model_dump(),
                )
                if order.item == "nothing":
                    raise Problem(409, "sold_out", "Sold out")
                return Placed(number=found.scalar_one(), item=order.item, cause=once.cause)

            return await once.run(connection, 201, work)

    return serve("journey", [router])


async def count(engine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text("SELECT count(*) FROM orders"))).scalar_one()


KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


async def test_the_same_request_again_gets_the_same_answer_and_no_second_effect(http, engine):
    first = await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)
    again = await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.json()["cause"] == (f"http:POST /v1/orders#account:test {KEY['Idempotency-Key']}")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(engine) == 1


async def test_the_same_key_of_another_caller_is_another_key(http, engine):
    await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)
    other = {**KEY, **headers("admin", subject="account:another")}
    theirs = await http.post("/v1/orders", json={"item": "camera"}, headers=other)

    assert theirs.json()["number"] == 2
    assert "idempotency-replayed" not in theirs.headers
    assert await count(engine) == 2


async def test_the_same_key_with_another_body_is_refused(http, engine):
    await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)
    other = await http.post("/v1/orders", json={"item": "bell"}, headers=KEY)

    assert other.status_code == 409
    assert other.json()["type"].endswith(":idempotency_key_reused")
    assert await count(engine) == 1


async def test_without_a_key_every_request_counts_and_has_its_own_cause(http, engine):
    answers = [await http.post("/v1/orders", json={"item": "camera"}) for _ in range(2)]

    assert len({answer.json()["cause"] for answer in answers}) == 2
    assert await count(engine) == 2


async def test_a_key_belongs_to_a_route(http, engine):
    await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)
    other = await http.post("/v1/returns", json={"item": "bell"}, headers=KEY)

    assert other.status_code == 201
    assert await count(engine) == 2


async def test_a_refused_request_leaves_its_key_free(http, engine):
    refused = await http.post("/v1/orders", json={"item": "nothing"}, headers=KEY)
    corrected = await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)

    assert (refused.status_code, corrected.status_code) == (409, 201)
    assert await count(engine) == 1


async def test_ten_at_once_have_one_effect(http, engine):
    answers = await asyncio.gather(
        *(http.post("/v1/orders", json={"item": "camera"}, headers=KEY) for _ in range(10))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await count(engine) == 1


@pytest.mark.parametrize(("age", "left"), [("6 days", 2), ("8 days", 1)])
async def test_keys_are_forgotten_after_a_week(http, engine, age, left):
    await http.post("/v1/orders", json={"item": "camera"}, headers={"Idempotency-Key": "old"})
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE idempotency SET at = now() - CAST(CAST(:age AS text) AS interval)"),
            {"age": age},
        )
    await http.post("/v1/orders", json={"item": "camera"}, headers=KEY)

    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT count(*) FROM idempotency"))).scalar_one()
    assert rows == left


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 201), ("k" * 256, 422), ("", 422)])
async def test_a_key_has_a_length(http, key, status):
    answer = await http.post(
        "/v1/orders", json={"item": "camera"}, headers={"Idempotency-Key": key}
    )

    assert answer.status_code == status
