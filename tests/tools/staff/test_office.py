"""Which colleague looks after whom in the demo, and who the people of its accounts are."""

from tools.staff.office import PEOPLE, contacts_of, portfolios

CUSTOMERS = [
    {"id": f"c-{n}", "kind": "business" if n % 30 == 0 else "household"} for n in range(900)
]


def test_every_account_and_a_part_of_the_households_are_looked_after():
    given = portfolios(CUSTOMERS, ["account:a", "account:b"])
    assert given == portfolios(CUSTOMERS, ["account:a", "account:b"])
    looked_after = {id_ for theirs in given.values() for id_ in theirs}
    assert sum(map(len, given.values())) == len(looked_after)
    assert {row["id"] for row in CUSTOMERS if row["kind"] == "business"} <= looked_after
    assert 200 < len(looked_after) < 300
    assert min(map(len, given.values())) > 80
    assert portfolios(CUSTOMERS, []) == {}


def test_an_account_has_two_to_four_people_and_one_of_them_decides():
    accounts = [contacts_of(f"c-{n}", "Europe/Berlin") for n in range(100)]
    assert {len(people) for people in accounts} == {2, 3, 4}
    for people in accounts:
        assert [person["role"] for person in people] == [role for role, _ in PEOPLE[: len(people)]]
        assert len({person["email"] for person in people}) == len(people)
