"""What the search of the recommender refuses when it is read: by name, with what was there."""

import json
import re
from typing import Any

import pytest

from filmkin.errors import SettingError
from workflow import config
from workflow.recommender.settings import Search

NAN, ENDLESS = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ranks": (16, 0)}, "ranks are 1 or more, not 0"),
        ({"regression_ranks": (-64,)}, "regression_ranks are 1 or more, not -64"),
        ({"iterations": (5, -1)}, "iterations are 1 or more, not -1"),
        ({"iterations": (21,)}, "iterations are 20 at most, not 21"),
        ({"ridges": (0.1, 0.0)}, "ridges are above 0, not 0.0"),
        ({"ridges": (NAN,)}, "ridges are above 0, not nan"),
        ({"ridges_of_lists": (ENDLESS,)}, "ridges_of_lists are above 0, not inf"),
        ({"half_lives": (-5.0,)}, "half_lives are above 0, not -5.0"),
        ({"alphas": (0,)}, "alphas are above 0, not 0"),
        ({"powers": (-1,)}, "powers are above 0, not -1"),
        ({"implicit_weights": (-0.1,)}, "implicit_weights are 0 or more, not -0.1"),
        ({"share": 1.0}, "share is above 0 and below 1, not 1.0"),
        ({"share": NAN}, "share is above 0 and below 1, not nan"),
        ({"people": 0}, "people is 1 or more, not 0"),
        ({"people": -3}, "people is 1 or more, not -3"),
        ({"seed": -1}, f"seed is 0 to {2**63 - 1}, not -1"),
        ({"seed": 2**63}, f"seed is 0 to {2**63 - 1}, not {2**63}"),
    ],
)
def test_a_value_that_means_nothing_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=f"^recommender: {re.escape(told)}$"):
        Search(**wrong)


@pytest.mark.parametrize(
    ("name", "text"), [("ranks", "16,many"), ("iterations", "1.5"), ("ridges", "0.1;0.2")]
)
def test_what_is_no_number_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=rf"^\[recommender\] {name}: .* not {text}$"):
        config.recommender(**{name: text}).search()


def test_a_search_is_the_same_after_its_way_through_json() -> None:
    asked = config.recommender(ranks="16, 64,", ridges="", people=1).search()
    assert asked == Search(ranks=(16, 64), ridges=(), people=1)
    assert Search(**json.loads(json.dumps(asked.as_dict()))) == asked
