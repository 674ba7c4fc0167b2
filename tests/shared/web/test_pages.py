"""Pages: every row once, in order, while rows are added before and behind."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from shared.clock import WallClock
from shared.web.app import create_app
from shared.web.pages import After, Limit, Page, cursor, moment, page, read
from tests.signed import headers, permit

ROWS = [(f"r{n:03}", n) for n in range(120)]


async def ready() -> dict[str, str]:
    return {}


def client() -> httpx.AsyncClient:
    router = APIRouter()

    @router.get("/v1/rows")
    async def rows(limit: Limit = 50, after: After = None) -> Page[int]:
        found = [row for row in ROWS if after is None or row[0] > after[0]]
        return page(found[: limit + 1], limit, lambda row: row[1], lambda row: (row[0],))

    app = create_app("x", [router], clock=WallClock(), access=permit(router), ready=ready)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://x", headers=headers("admin")
    )


@pytest.mark.parametrize("limit", [1, 50, 60, 119, 120, 200])
async def test_following_next_reads_every_row_once(limit: int) -> None:
    async with client() as http:
        seen: list[int] = []
        query: dict[str, Any] = {"limit": limit}
        while True:
            body = (await http.get("/v1/rows", params=query)).json()
            seen += body["items"]
            if body["next"] is None:
                break
            query["after"] = body["next"]

    assert seen == [n for _, n in ROWS]


@pytest.mark.parametrize(
    "after",
    ["!!!", "YWJj", "bnVsbA", "e30", "W1sxXV0", "\u00e9"],
    ids=["no base64", "no JSON", "null", "object", "nested", "not ASCII"],
)
async def test_a_made_up_cursor_is_refused(after: str) -> None:
    async with client() as http:
        answer = await http.get("/v1/rows", params={"after": after})

    assert (answer.status_code, answer.json()["field"]) == (400, "query.after")


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422)])
async def test_the_page_size_is_bounded(limit: int, status: int) -> None:
    async with client() as http:
        assert (await http.get("/v1/rows", params={"limit": limit})).status_code == status


def test_times_survive_a_cursor() -> None:
    at = datetime(2026, 3, 1, 7, 12, 30, 123456, tzinfo=UTC)

    back = read(cursor(at, None, 1.5))

    assert (moment(back[0]), *back[1:]) == (at, None, 1.5)
