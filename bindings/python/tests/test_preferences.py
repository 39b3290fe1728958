"""A person's preferences."""

import dataclasses
import datetime as dt

import pytest

import oo


def test_preferences_replace_the_whole(engine):
    assert engine.preferences("u") == oo.Preferences("UTC", None, None, None, "en")
    said = engine.set_preferences("u", zone="Europe/Berlin", quiet_from="22:00", quiet_to=dt.time(7), daily_cap=5)
    assert said == oo.Preferences("Europe/Berlin", "22:00", "07:00", 5, "en")
    assert engine.preferences("u") == said
    later = engine.set_preferences("u", **dataclasses.asdict(dataclasses.replace(said, daily_cap=None)))
    assert later.zone == "Europe/Berlin" and later.daily_cap is None
    assert engine.set_preferences("u") == oo.Preferences("UTC", None, None, None, "en")


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Olympus"},
        {"quiet_from": "25:00", "quiet_to": "07:00"},
        {"quiet_from": 22, "quiet_to": "07:00"},
        {"daily_cap": -1},
        {"daily_cap": 2**40},
        {"language": "english please"},
    ],
)
def test_wrong_preferences_are_refused(engine, wrong):
    with pytest.raises(oo.InvalidInputError) as caught:
        engine.set_preferences("u", **wrong)
    assert caught.value.field in {*wrong, "quiet"}
    assert engine.preferences("u").zone == "UTC"
