"""The tables of who does tasks; tables.py adds them to the others."""

from sqlalchemy import ARRAY, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from shared.db.tables import TIME


def assignee_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add them to `metadata`: people of teams, and teams of plays."""
    member = Table(
        "member",
        metadata,
        Column("team", Text, primary_key=True, comment="of the playbook"),
        Column("who", Text, primary_key=True, comment="subject of a token"),
        Column("skills", ARRAY(Text), nullable=False, comment="words of the team"),
        Column("since", TIME, nullable=False),
        Column("given_at", TIME, comment="a task of this team, last; NULL: none yet"),
        comment="who is given tasks of a team",
    )
    assignment = Table(
        "assignment",
        metadata,
        Column("id", Text, primary_key=True),
        Column("play", Text, ForeignKey("play.name"), nullable=False),
        Column("step", Text, comment="NULL: the whole play"),
        Column("team", Text, nullable=False, comment="instead of the one that the play names"),
        Column("percent", Integer, nullable=False, comment="of runs, by hash"),
        Column("begun_at", TIME, nullable=False),
        Column("begun_by", Text, nullable=False, comment="subject of a token"),
        Column("ended_at", TIME, comment="NULL: it holds"),
        Column("ended_by", Text, comment="subject of a token"),
        comment="a share of a play's tasks goes to another team",
    )
    Index(
        "uq_assignment_holds", assignment.c.play, text("coalesce(step, '')"), unique=True,
        postgresql_where=text("ended_at IS NULL"),
    )  # fmt: skip
    Index("ix_assignment_play_begun_at", assignment.c.play, assignment.c.begun_at)
    return member, assignment
