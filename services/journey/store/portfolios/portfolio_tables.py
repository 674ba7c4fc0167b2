"""The tables of portfolios; store/tables.py adds them to the others."""

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, Text

from shared.db.tables import TIME


def portfolio_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Which CSM has a customer, and who had them before."""

    def customer() -> Column[str]:
        parent = ForeignKey("customer.id", ondelete="CASCADE")
        return Column("customer", Text, parent, primary_key=True)

    portfolio = Table(
        "portfolio",
        metadata,
        customer(),
        Column("csm", Text, nullable=False, comment="account:<id>"),
        Column("since", TIME, nullable=False),
        Column("who", Text, nullable=False, comment="subject of a token, who said so"),
        comment="which CSM looks after a customer; without a row: nobody",
    )
    Index("ix_portfolio_csm_customer", portfolio.c.csm, portfolio.c.customer)
    handed = Table(
        "portfolio_handed",
        metadata,
        Column("id", Text, primary_key=True, comment="of one hand-over, of one or many"),
        customer(),
        Column("had", Text, comment="account:<id>; NULL: nobody"),
        Column("got", Text, comment="account:<id>; NULL: nobody"),
        Column("at", TIME, nullable=False),
        Column("who", Text, nullable=False),
        comment="who looked after a customer before; only added to",
    )
    Index("ix_portfolio_handed_customer", handed.c.customer, handed.c.at)
    return portfolio, handed
