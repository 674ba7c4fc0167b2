"""What is shown of heads: what turns numbers into probabilities, and how right it was."""

from datetime import date as Date  # noqa: N812  as in views.py
from typing import Literal, Self

from pydantic import BaseModel, Field

from services.analytics.domain.risks.rating import Fitted

What = Literal["silence", "cancellation"]


class MeasuresView(BaseModel):
    """What came of a risk that was said on an earlier day, for one horizon."""

    day: Date = Field(description="The day the risk was about; only older ones taught it.")
    horizon_days: int
    customers: int
    rate: float = Field(
        description="Share of them with no use in the horizon, or who cancelled in it."
    )
    auc: float | None
    average_precision: float | None
    brier: float
    ece: float
    lift: float | None = Field(description="Of the tenth with the highest risk.")


class HeadView(BaseModel):
    """What turns a region's numbers into risk."""

    region: str
    of: What = Field(
        description="`cancellation`: of those whose subscription ran; its `rate` is who cancelled."
    )
    day: Date = Field(description="It was fitted on; every 28 days anew.")
    learned_from: int = Field(description="Outcomes of customers on earlier days.")
    horizon_days: int = Field(description="The longest that was learned; beyond it is inferred.")
    backtest: list[MeasuresView] = Field(description="Empty while there is too little before.")

    @classmethod
    def made(cls, what: What, region: str, fitted: Fitted) -> Self:
        """The view of a region's head."""
        return cls(
            region=region,
            of=what,
            day=Date.fromordinal(fitted.day),
            learned_from=fitted.head.lessons,
            horizon_days=fitted.head.horizon,
            backtest=[
                MeasuresView(
                    day=Date.fromordinal(graded.day),
                    horizon_days=graded.horizon,
                    **{name: getattr(graded.measures, name) for name in _SHOWN},
                )
                for graded in fitted.head.graded
            ],
        )


_SHOWN = ("customers", "rate", "auc", "average_precision", "brier", "ece", "lift")
