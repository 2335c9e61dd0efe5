"""What an answer earns by a reward model: numbers worked by hand, what cannot be read, and the trainer's signature."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import InputError
from primum.judging.usable import unusable_reason
from primum.records import ByRule, Criterion, Scenario, Turn
from primum.rewards.asked import Asked
from primum.rewards.combine import RewardSettings
from primum.rewards.model_reward import ModelReward, PartsSeen, Reading, RewardQuery, earn, query_of, silence
from primum.rewards.rubric_reward import Scored
from scorers import WordScorer, item

COLD = Asked(text="says cold", points=3)
DARK = Asked(text="says dark")
THANKS = Asked(text="says thanks", kind="excellence")
DOUBLE = Asked(text="tells to double", kind="safety", points=-5)
ALL = (COLD, DARK, THANKS, DOUBLE)
TURN = (Turn(role="user", content="How do I store insulin?"),)


def reward(scorer=None, shape="clipped", unusable=None, **queries):
    asked = queries or {"q": ALL}
    return ModelReward(
        scorer or WordScorer(), [RewardQuery(id, TURN, criteria) for id, criteria in asked.items()],
        shape=shape, unusable=unusable,
    )  # fmt: skip


def test_the_reward_of_a_good_answer_and_of_a_vetoed_one():
    # met: cold .9, dark .2, thanks .2, double .2 (so the veto is satisfied with .8)
    good, vetoed = earn(WordScorer(), [item("keep it cold", *ALL), item("keep it cold and double", *ALL)])
    assert good.parts.proficiency == pytest.approx((3 * 0.9 + 0.2) / 4)  # .725
    assert good.reward == pytest.approx(0.725 + 0.1 * 0.2)
    assert good.parts.vetoes == 0 and good.parts.depth == 0
    # the veto is satisfied with 1 − .9 = .1: violated, with depth 1 − .1 / .5 = .8
    assert vetoed.parts.vetoes == 1 and vetoed.parts.depth == pytest.approx(0.8)
    assert vetoed.reward == pytest.approx(0.745 - 1.5 - 0.2 * 0.8)


def test_the_plain_sum_for_ablation():
    (found,) = earn(WordScorer(), [item("keep it cold and double", *ALL)], shape="sum")
    assert found.reward == pytest.approx((3 * 0.9 + 0.2 + 0.2 - 5 * 0.9) / 10)


@given(st.lists(st.sampled_from(["cold", "dark", "thanks", "double", "warm"]), min_size=1), st.data())
def test_a_vetoed_answer_never_earns_more_than_one_that_is_not(words, data):
    others = data.draw(st.lists(st.sampled_from(["cold", "dark", "thanks", "warm"]), min_size=1))
    first, second = earn(WordScorer(), [item(" ".join([*words, "double"]), *ALL), item(" ".join(others), *ALL)])
    assert first.reward <= second.reward


def test_a_criterion_that_cannot_be_read_is_none_in_its_place_and_the_others_are_read():
    odd = item("keep it cold", "says cold", "far too long", "says dark")
    plain = [item("keep it cold", "says cold"), item("dark", "says dark", "says cold")]
    scorer = WordScorer()
    before, found, after = earn(scorer, [plain[0], odd, plain[1]])
    assert found.reading.probabilities == (0.9, None, 0.2)
    assert found.reading.scores[1] is None and found.reading.scores[0] == before.reading.scores[0]
    assert found.reading.reasons == ("", "a criterion does not fit into 16 tokens", "")
    assert found.parts is None and found.reward is None and found.reading.whole is None
    assert before.reward == pytest.approx(0.9) and after.reward == pytest.approx(0.55)


def test_a_score_that_is_no_number_is_none_with_its_reason():
    (found,) = earn(WordScorer(), [item("cold", "says nan", "says cold")])
    assert found.reading == Reading(
        (None, pytest.approx(2.1972, abs=1e-4)), (None, 0.9), ("its score is not a number", "")
    )
    assert found.reward is None


def test_what_is_asked_twice_is_scored_once():
    scorer = WordScorer()
    found = earn(scorer, [item("cold", *ALL), item("dark", *ALL, id="b"), item("cold", *ALL, id="c")])
    assert scorer.sizes == [2] and found[0] == found[2] != found[1]


def test_an_answer_that_is_no_language_is_paid_as_silence():
    asked = (COLD, Asked(text="warns of double", kind="safety", points=5), DOUBLE)
    found = earn(WordScorer(), [item("cold " * 40, *asked), item("…", *asked)], unusable=unusable_reason)
    assert [one.unusable for one in found] == ["repeats itself", "empty: there is no letter or number in it"]
    for one in found:
        assert one.parts == silence(asked) == (0.0, 0.0, 1, 1.0)
        assert one.reward == pytest.approx(-1.5 - 0.2)
    (summed,) = earn(WordScorer(), [item("…", *asked)], unusable=unusable_reason, shape="sum")
    assert summed.reward == 0.0


def test_a_trainer_calls_it_with_completions_and_a_column():
    call = reward()
    logged = {}
    said = call(
        prompts=["…"] * 2,
        completions=["keep it cold", [{"role": "assistant", "content": "double"}]],
        scenario=["q", "q"],
        log_metric=logged.__setitem__,
    )
    # double: S1 = .2, S2 = .2, one veto of depth .8
    assert said == [pytest.approx(0.745), pytest.approx(0.2 + 0.02 - 1.5 - 0.16)]
    assert call.parts == PartsSeen(2, *map(pytest.approx, (0.4625, 0.2, 0.5, 0.4)))
    assert logged == {"model_reward/proficiency": pytest.approx(0.4625), "model_reward/excellence": pytest.approx(0.2),
                      "model_reward/vetoed": 0.5, "model_reward/depth": pytest.approx(0.4)}  # fmt: skip
    call(prompts=["…"], completions=["keep it cold"], id=["q"])
    assert call.seen == 3 and call.parts.vetoed == pytest.approx(1 / 3)


def test_a_lexicographic_reward_is_the_place_in_the_group():
    said = reward(shape="lexicographic", q=ALL, other=ALL)(
        prompts=[], completions=["double cold dark thanks", "warm", "cold", "warm"], scenario=["q", "q", "q", "other"]
    )
    assert said == [0.0, 0.5, 1.0, 0.5]


def test_what_cannot_be_read_gets_the_mean_of_its_group_and_teaches_nothing():
    call = reward(q=(COLD, Asked(text="nan")), r=(COLD,))
    said = call(prompts=[], completions=["cold", "warm", "cold", "warm"], scenario=["r", "r", "q", "q"])
    assert said == [pytest.approx(0.9), pytest.approx(0.2), 0.0, 0.0]
    assert (call.seen, call.unread) == (4, 2)
    mixed = reward(scorer=OddScorer(), r=(COLD,))
    said = mixed(prompts=[], completions=["cold", "warm", "odd"], scenario=["r", "r", "r"])
    assert said == [pytest.approx(0.9), pytest.approx(0.2), pytest.approx(0.55)]
    ranked = reward(scorer=OddScorer(), shape="lexicographic", r=(COLD,))
    assert ranked(prompts=[], completions=["cold", "warm", "odd"], scenario=["r"] * 3) == [1.0, 0.0, 0.5]


def test_a_reward_that_does_not_fill_says_none_for_what_cannot_be_read():
    given = {"prompts": [], "completions": ["cold", "warm", "odd", "odd"], "scenario": ["r", "r", "r", "s"]}
    asked = [RewardQuery(id, TURN, (COLD,)) for id in ("r", "s")]
    for shape, first, second in (("clipped", 0.9, 0.2), ("lexicographic", 1.0, 0.0), ("sum", 0.9, 0.2)):
        call = ModelReward(OddScorer(), asked, shape=shape, fills=False)
        assert call(**given) == [pytest.approx(first), pytest.approx(second), None, None]
        assert (call.seen, call.unread) == (4, 2)
    assert ModelReward(OddScorer(), asked)(**given)[2:] == [pytest.approx(0.55), 0.0]


class OddScorer(WordScorer):
    """Gives too few scores to an answer that is odd."""

    def score(self, items, progress=lambda done, total: None):
        for one, read in zip(items, super().score(items, progress), strict=True):
            yield read._replace(scores=()) if one.completion == "odd" else read


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, "column 'scenario' is missing"),
        ({"scenario": ["q", "q"]}, "column 'scenario' is missing"),
        ({"scenario": ["x"]}, "query x has no criteria to be rewarded by"),
    ],
)
def test_rows_that_name_no_query_are_refused(columns, told):
    with pytest.raises(InputError, match=told):
        reward()(prompts=["…"], completions=["cold"], **columns)


def test_a_query_without_criteria_is_refused_when_the_reward_is_made():
    with pytest.raises(InputError, match="query q has no criteria: leave it out"):
        reward(q=())


def test_calls_from_several_threads_are_all_counted():
    call = reward()
    threads = [threading.Thread(target=lambda n=n: call([], [f"cold {n}"] * 5, scenario=["q"] * 5)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (call.seen, call.parts.answers) == (40, 40)
    assert call.parts.proficiency == pytest.approx(0.725)


def test_a_scenario_with_its_rubric_is_a_query():
    made = ByRule(rule="test")
    scenario = Scenario(messages=TURN, task="open", dimension="d", language="en", dataset="own", made=made)
    criterion = Criterion(statement="Says cold", points=-4, axis="accuracy", kind_of="safety", language="en", made=made)
    found = query_of(Scored(scenario, (criterion,)))
    assert found == RewardQuery(scenario.id, TURN, (Asked(text="Says cold", kind="safety", points=-4),))


def test_a_veto_that_could_be_made_up_for_is_refused_as_a_setting():
    with pytest.raises(ValueError, match="below 1 \\+ beta"):
        RewardSettings(veto_weight=1.2)
