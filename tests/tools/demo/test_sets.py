"""Ids that are not everywhere: named, with where each was last seen."""

from tools.demo.sets import differences
from tools.fleet.ranges import Ranges

KEY = ("cam-1", "usage", "9f1c2ab37d405e68")


def ids(*pairs):
    return {KEY: Ranges(pairs)}


def test_equal_places_differ_nowhere():
    places = [("published", ids((0, 99))), ("kafka", ids((0, 50), (51, 99)))]
    assert differences("device.usage", places) == []


def test_a_missing_id_is_named_with_where_it_was_seen():
    places = [
        ("published", ids((0, 99))),
        ("acked", ids((0, 99))),
        ("kafka", ids((0, 99))),
        ("journey", ids((0, 41), (43, 99))),
    ]
    (found,) = differences("device.usage", places)
    assert str(found) == (
        "device.usage cam-1 9f1c2ab37d405e68:42  seen: published, acked, kafka  not in: journey"
    )


def test_an_id_nobody_published_is_named_too():
    places = [("published", ids((0, 9))), ("kafka", ids((0, 10)))]
    (found,) = differences("device.usage", places)
    assert (found.seq, found.seen, found.missing) == (10, ("kafka",), ("published",))


def test_only_the_first_ten_are_told():
    places = [("published", ids((0, 99))), ("kafka", {})]
    assert [each.seq for each in differences("device.usage", places)] == list(range(10))
