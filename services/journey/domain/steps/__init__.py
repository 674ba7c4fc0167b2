"""Every kind of steps. A new one is a file and a line here."""

from services.journey.domain.steps import (
    ask,
    branch,
    call,
    hand_over,
    in_app,
    mail,
    note,
    offer,
    open_ticket,
    rate,
    split,
    start,
    stop,
    task,
    wait,
    wait_for,
    webhook,
)
from services.journey.domain.steps.step import Kind

STEPS: tuple[Kind, ...] = (
    mail.KIND,
    in_app.KIND,
    ask.KIND,
    rate.KIND,
    task.KIND,
    call.KIND,
    hand_over.KIND,
    wait.KIND,
    wait_for.KIND,
    branch.KIND,
    split.KIND,
    note.KIND,
    offer.KIND,
    start.KIND,
    stop.KIND,
    webhook.KIND,
    open_ticket.KIND,
)
