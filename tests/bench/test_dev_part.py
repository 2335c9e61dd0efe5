"""A development part for sets published without one."""

from primum.bench import hold_back_dev
from primum.records import ByRule, Scenario, Turn


def situation(number, dataset, split):
    return Scenario(
        messages=(Turn(role="user", content=f"question {number}"),),
        task="open",
        dimension="d",
        language="en",
        dataset=dataset,
        made=ByRule(rule="test"),
        split=split,
    )


PUBLISHED = [situation(i, "published", "train") for i in range(400)] + [
    situation(i, "published", "test") for i in range(400, 500)
]


def test_a_share_of_train_goes_to_dev_and_test_is_left_alone():
    held = hold_back_dev(PUBLISHED, 0.2, seed=1)
    assert [one.prompt for one in held] == [one.prompt for one in PUBLISHED]
    assert 50 < sum(one.split == "dev" for one in held) < 110
    assert held[400:] == PUBLISHED[400:]
    assert held == hold_back_dev(PUBLISHED, 0.2, seed=1) != hold_back_dev(PUBLISHED, 0.2, seed=2)


def test_a_set_with_a_dev_part_and_a_set_without_splits_stay_as_they_are():
    own = [
        situation(1, "own", "dev"),
        *(situation(i, "own", "train") for i in range(50)),
        *(situation(i, "new", None) for i in range(50)),
    ]
    assert hold_back_dev(own, 0.5, seed=1) == own
