"""Journey's part of what is given out of a customer, beside what the API shows of them."""

QUERIES = {
    "erasure": "SELECT * FROM erasure WHERE customer = :customer",
    "stages": "SELECT * FROM stage_history WHERE customer = :customer ORDER BY n",
    "profile": "SELECT * FROM customer_profile WHERE customer = :customer",
    "used": "SELECT * FROM quarter_use WHERE customer = :customer ORDER BY quarter",
    "runs": "SELECT * FROM run WHERE customer = :customer ORDER BY entered_at",
    "run_lines": """SELECT l.* FROM run_line l JOIN run r ON r.id = l.run
      WHERE r.customer = :customer ORDER BY l.run, l.n""",
    "left_out": "SELECT * FROM left_out WHERE customer = :customer ORDER BY at",
    "messages": """SELECT id, run, play, step, message, topic, purpose, planned_at, verdict, why,
      decided_at FROM message WHERE customer = :customer ORDER BY planned_at""",
    "left_topics": "SELECT * FROM left_topic WHERE customer = :customer ORDER BY at",
    "agreements": "SELECT * FROM agreement WHERE customer = :customer ORDER BY at",
    "tasks": "SELECT * FROM task WHERE customer = :customer ORDER BY opened_at",
    "remembered": """SELECT CAST(convert_from(state, 'UTF8') AS json) AS state FROM customer_state
      WHERE customer = :customer""",
}
