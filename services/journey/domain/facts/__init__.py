"""Every fact, in the order a customer's page shows them. A new one is a file and a line here."""

from services.journey.domain.facts import (
    active_days_30d,
    app_errors,
    days_since_purchase,
    days_since_renewal,
    days_since_use,
    days_to_renewal,
    devices,
    first_use,
    friends_bought,
    help_views,
    in_support,
    integrations_linked,
    mail_refused,
    messages_clicked,
    messages_seen,
    offer,
    payment_failed,
    purchased,
    purchases,
    ratings,
    referrals,
    refunded,
    renewals,
    risk_tier,
    said,
    setup_completed,
    setup_started,
    subscription_status,
    uses_total,
)
from services.journey.domain.facts.fact import Fact

FACTS: tuple[Fact, ...] = (
    purchased.FACT,
    purchases.FACT,
    days_since_purchase.FACT,
    setup_started.FACT,
    setup_completed.FACT,
    first_use.FACT,
    active_days_30d.FACT,
    uses_total.FACT,
    days_since_use.FACT,
    devices.FACT,
    integrations_linked.FACT,
    help_views.FACT,
    app_errors.FACT,
    ratings.FACT,
    referrals.FACT,
    friends_bought.FACT,
    subscription_status.FACT,
    days_to_renewal.FACT,
    renewals.FACT,
    days_since_renewal.FACT,
    in_support.FACT,
    risk_tier.FACT,
    mail_refused.FACT,
    messages_seen.FACT,
    messages_clicked.FACT,
    payment_failed.FACT,
    refunded.FACT,
    offer.FACT,
)
BY_NAME: dict[str, Fact] = {fact.name: fact for fact in FACTS}


def fact_of(name: str) -> Fact:
    """A fact of ours, or one that the playbook declares."""
    return BY_NAME.get(name) or said.said(name)
