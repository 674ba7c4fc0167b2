"""POST /v1/customers/import: a CSV of customers, as a job with progress."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from fastapi import APIRouter, Request

from services.journey.domain.customers.customer import NewCustomer
from services.journey.domain.imports.cells import BadLine
from services.journey.domain.imports.import_lines import read_lines, table
from services.journey.edges.api.csv_body import CSV, read_table
from services.journey.edges.api.models import Started
from services.journey.edges.api.units import Change
from services.journey.handlers.customers.create_customers import begin_import, create_customers
from shared import ids
from shared.web.routes.jobs import Job, Running

router = APIRouter(prefix="/v1/customers", tags=["customers"])

CHUNK = 500  # customers a transaction: under a second, so that nobody waits for their rows

Line = NewCustomer | BadLine


@dataclass(frozen=True, slots=True)
class Import:
    """The work of one import."""

    change: Change
    lines: Iterator[Line]

    async def run(self, job: Job) -> None:
        """Create the customers chunk by chunk; what is done stays."""
        async with self.change() as unit:
            begin_import(unit, job.id, job.total)
        while chunk := list(islice(self.lines, CHUNK)):
            for wanted in chunk:
                if isinstance(wanted, BadLine):
                    job.leave_out(wanted.line, wanted.error)
            await self._create([wanted for wanted in chunk if isinstance(wanted, NewCustomer)], job)
            await asyncio.sleep(0)  # why: other requests get their turn

    async def _create(self, new: list[NewCustomer], job: Job) -> None:
        async with self.change() as unit:
            left = await create_customers(unit, new)
        for place in left.known:
            job.leave_out(_line(new[place]), "id: a customer that exists, expected a new one")
        for place in left.erased:
            job.leave_out(_line(new[place]), "id: a customer that is erased, expected a new one")
        job.advance(len(new) - len({*left.known, *left.erased}))


def _line(wanted: NewCustomer) -> int:
    """Where it stood in the file."""
    return int(wanted.cause.rpartition("/")[2])


@router.post("/import", status_code=202, openapi_extra={"requestBody": CSV})
async def import_customers(request: Request, change: Change, jobs: Running) -> Started:
    """Create the customers of a CSV (UTF-8, header line); a bad line is told and left out."""
    # why a thread: a large file takes longer than anybody else may have to wait
    csv = await asyncio.to_thread(read_table, await request.body(), table)
    lines = read_lines(csv, f"import:{ids.random_id()}", change.now())
    job = jobs.start("import customers", csv.total, Import(change, lines).run)
    return Started(job=job.id)
