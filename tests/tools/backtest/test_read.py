"""A file of a history that cannot be read is refused with its line, its column and what to do."""

import pytest
from typer.testing import CliRunner

from tools.backtest.cli import app
from tools.backtest.errors import BadHistory


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a header"),
        ("customer,time\n", "no rows"),
        ("customer;time;amount\na;2024-01-01;1,5\n", "semicolons"),
        ("customer,time,amount\na,2024-01-01,1,5\n", "decimal comma"),
        ('customer,time,amount\na,2024-01-01,"1,5"\n', "decimal comma"),
        ("customer,time,amount\na,2024-01-01,viel\n", "line 2: amount"),
        ("customer,time,amount\na,2024-01-01,nan\n", "line 2: amount"),
        ("customer,time\na,01.02.2024\n", "--dates dmy"),
        ("customer,time\na,2024-13-01\n", "no such day"),
        ("customer,time\na,1706745600\n", "line 2: time: expected 2026"),
        ("customer,time\na,1706745600\n", "`--dates seconds`"),
        ("customer,time\na,1706745600123\n", "`--dates milliseconds`"),
        ("customer,time\na,45323.5\n", "`--dates excel`"),
        ("customer,time\na,1/2/2024 3:30 PM\n", "hours from 0 to 23"),
        ("customer,time\na,01.02.24\n", "four digits of the year"),
        ("customer,time\na,\n", "line 2: time: expected 2026-03-01"),
        ("customer,time\na,2024-01-01\nb,\n", "it is empty"),
        ("customer,time,amount\na,2024-01-01,\n", "line 2: amount: expected a number"),
        ('customer,time,amount\na,2024-01-01,"1,234.50"\n', "thousands"),
        ("customer,time,amount\na,2024-01-01,$5\n", "without a currency"),
        ("customer,time,time\na,2024-01-01,2024-01-01\n", "time is there twice"),
        ('customer,time,note\na,2024-01-01,"two\nlines"\n', "no value goes on in the next line"),
        ("customer,time\na\0,2024-01-01\n", "line 2: customer: expected 1 to 200 letters"),
        ("customer;time\na;03/04/2024\n", "not semicolons"),
        ("customer,time\n,03/04/2024\n", "line 2: customer"),
        ("customer,time\n,2024-01-01\n", "line 2: customer"),
        ("customer,time\na,2999-01-01\n", "in the future, from 2999-01-01 on"),
        ("customer,time,amount\na,2024-01-01,-3\nb,2024-01-02,0\n", "2 rows have an amount"),
        ("Kunde,Zeit\na,2024-01-01\n", "expected a header"),
        ("Kunde,Zeit\na,2024-01-01\n", "it has: Kunde, Zeit"),
        ("Kunde;Zeit;Betrag\nMüller;01.02.2024;12,50\n", "not semicolons"),
        ("customer\ttime\na\t2024-01-01\n", "not tabs"),
        ("customer,time\na,0001-01-01\n", "line 2: time: year 1: expected 1970 or later"),
        ("customer,time\na,2024-01-01\na,1900-01-01\n", "line 3: time: year 1900"),
        ("customer,time\na,03/04/2024\n", "--dates dmy` or `--dates mdy"),
        ('customer,time\n"a,2024-01-01\n', "quote"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, text, said):
    events = tmp_path / "e.csv"
    events.write_text(text, encoding="utf-8")
    with pytest.raises(BadHistory, match=r"e\.csv") as refused:
        CliRunner().invoke(
            app,
            ["risk", "--events", str(events), "--out", str(tmp_path / "o.csv")],
            catch_exceptions=False,
        )
    assert said in str(refused.value)
