"""What journey holds of customers, and where of it there is personal data."""

from shared.personal import CASCADES, STAYS, THEIRS, Held, Personal, personal_of

_RUNS = f"run IN (SELECT id FROM run WHERE {THEIRS})"  # noqa: S608 - of ours
_MESSAGES = f"message IN (SELECT id FROM message WHERE {THEIRS})"  # noqa: S608 - of ours
_KEPT_OF_THEM = """(state = 'kept' AND EXISTS (SELECT FROM
  unnest(CAST(:customers AS text[])) AS v(id) WHERE strpos(delivery.body, v.id) > 0))"""

HELD: tuple[Held, ...] = (
    Held(
        "customer_profile",
        name="profile",
        personal=Personal(
            table="customer_profile",
            columns=("name", "email", "phone", "address", "locale"),
            whose="customers",
            why="to know and to reach them",
            kept="as long as they are customers",
            erased="the row is deleted",
        ),
    ),
    Held(
        "talk",
        name="talks",
        order="at",
        personal=Personal(
            table="talk",
            columns=("note", "discovery", "next_step"),
            whose="customers",
            why="what people wrote about a conversation with them",
            kept="as long as they are customers",
            erased="the row is deleted",
        ),
    ),
    Held(
        "contact",
        name="contacts",
        order="added_at",
        personal=Personal(
            table="contact",
            columns=("name", "email", "phone"),
            whose="customers",
            why="to know and to reach the people of a business account",
            kept="until they are removed, as long as the account is a customer",
            erased="the row is deleted",
        ),
    ),
    Held("portfolio", name="csm", gives="csm, since"),
    Held("portfolio_handed", name="csms_before", gives="had, got, at", order="at"),
    Held("subscription"),  # the export shows it as the API does
    Held("purchase"),  # the same
    Held("renewal_outcome", name="renewals", order="term_ends"),
    Held("device", name="devices", gives="id, model, firmware, firmware_at", order="id"),
    Held(
        "customer_state",
        name="remembered",
        gives="CAST(convert_from(state, 'UTF8') AS json) AS state",
    ),
    Held("stage_history", name="stages", order="n"),
    Held("quarter_use", name="used", order="quarter"),
    Held("left_out", name="left_out", order="at"),
    Held("left_topic", name="left_topics", gives="topic, channel, at, how", order="at"),
    Held("agreement", name="agreements", gives="purpose, at, how", order="at"),
    Held(
        "suppressed_address",
        erases="customer = NULL",
        name="suppressions",
        gives="at, why",
        order="at",
    ),
    Held("holdout", name="holdout", gives="held_out, at"),
    Held(
        "message",
        name="messages",
        gives="""id, run, play, step, message, topic, purpose, planned_at, verdict, why,
          decided_at, asks, answered_at, words, channel, seen_at, clicked_at, replied_at, to_role""",
        order="planned_at",
        personal=Personal(
            table="message",
            columns=("words",),
            whose="customers",
            why="what they answered to a question of ours in their own words",
            kept="as long as they are customers",
            erased="the row is deleted",
        ),
    ),
    Held(
        "click",
        find=_MESSAGES,
        erases=CASCADES,
        name="clicks",
        order="at, link",
    ),
    Held(
        "hand_off",
        name="hand_offs",
        order="offered_at",
        personal=Personal(
            table="hand_off",
            columns=("summary", "next_step", "why"),
            whose="customers",
            why="what people wrote for another team that goes on with them",
            kept="as long as they are customers",
            erased="the row is deleted",
        ),
    ),
    Held(
        "task",
        name="tasks",
        order="opened_at",
        personal=Personal(
            table="task",
            columns=("note", "title", "says"),
            whose="customers",
            why="what people wrote when they did something for them, or have still to do after a conversation",
            kept="as long as they are customers",
            erased="the row is deleted",
        ),
    ),
    Held("refund", name="refunds", order="at"),
    Held("referral_code", name="referral_code"),
    Held("reward", name="rewards", order="redeemed_at, side"),
    Held("offer", name="offers", order="made_at"),
    Held(
        "call",
        name="calls",
        gives="""id, run, play, step, team, title, state, offered_at, starts_at, ends_at,
          changed_at""",
        order="offered_at",
    ),
    Held(
        "delivery",
        find=f"{THEIRS} OR {_KEPT_OF_THEM}",
        name="deliveries",
        gives="id, shop, kind, sent_at, received_at, state, why, body",
        order="received_at",
        personal=Personal(
            table="delivery",
            columns=("body",),
            whose="customers",
            why="what a shop sent that could not be understood, to be done once it can be",
            kept="until somebody has put it back or discarded it, 90 days at most",
            erased="the row is deleted, wherever their id is in it",
        ),
    ),
    Held("run_line", find=_RUNS, erases=CASCADES, name="run_lines", order="run, n"),
    Held("run", name="runs", order="entered_at"),
    Held("customer", find="id = ANY(CAST(:customers AS text[]))"),  # shown as the API does
    Held("erasure", erases=STAYS, name="erasure"),
    Held("erasure_done", erases=STAYS),
)
PERSONAL: tuple[Personal, ...] = personal_of(HELD)
