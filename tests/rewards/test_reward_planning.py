"""What is planned against what is: models that transformers builds, tensors that autograd keeps, operations that torch counts."""

import pytest
from msgspec.structs import replace

from primum.errors import PrimumError
from primum.frameworks import quiet
from primum.rewards.model import Packed, RewardModelSettings
from primum.rewards.planning import GpuSettings, LaunchSettings, LoadSettings, manner_of, plan_reward_model
from primum.rewards.planning_memory import Manner, kept, kept_of_token, states, trained_of
from primum.rewards.planning_shape import Shape
from primum.rewards.planning_time import Packing, between_ranks, decoding_seconds, learning, reading

QWEN3_8B = Shape(
    family="qwen3",
    hidden_size=4096,
    intermediate_size=12288,
    num_hidden_layers=36,
    num_attention_heads=32,
    num_key_value_heads=8,
    head_dim=128,
    vocab_size=151936,
)


def shape_of(family, wide, inner, layers, heads, words, **more):
    return Shape(
        family=family,
        hidden_size=wide,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        vocab_size=words,
        **more,
    )


SMALL = [
    shape_of("qwen3", 32, 80, 2, 4, 101, num_key_value_heads=2, head_dim=12),
    shape_of(
        "qwen3", 32, 80, 3, 4, 101, num_key_value_heads=2, attention_bias=True, tie_word_embeddings=True, head_dim=8
    ),
    shape_of("qwen2", 32, 72, 2, 4, 97, num_key_value_heads=2),
    shape_of("llama", 48, 64, 2, 6, 103, num_key_value_heads=3),
    shape_of("llama", 48, 64, 1, 6, 103, num_key_value_heads=6, attention_bias=True),
    shape_of("mistral", 32, 56, 2, 4, 89, num_key_value_heads=2, head_dim=16),
    shape_of("gemma", 32, 56, 2, 4, 89, num_key_value_heads=2, head_dim=24),
    shape_of("gpt_neox", 32, 96, 2, 4, 107),
    shape_of("gpt_neox", 32, 96, 2, 4, 107, attention_bias=False, tie_word_embeddings=True),
]
LARGE = [
    QWEN3_8B,
    shape_of("llama", 4096, 14336, 32, 32, 128256, num_key_value_heads=8),
    shape_of("mistral", 4096, 14336, 32, 32, 32768, num_key_value_heads=8),
    shape_of("gemma", 3072, 24576, 28, 16, 256000, head_dim=256),
    shape_of("gpt_neox", 6144, 24576, 44, 64, 50432),
]
BY_NAME = [f"{one.family}-{number}" for number, one in enumerate(SMALL)]
FAMILIES = [SMALL[0], SMALL[2], SMALL[3], SMALL[5], SMALL[6], SMALL[7]]


def config_of(shape):
    from transformers import AutoConfig

    own = {name: getattr(shape, name) for name in shape.__struct_fields__ if name != "family"}
    own = {name: value for name, value in own.items() if value is not None}
    if shape.family != "gpt_neox":
        own["num_key_value_heads"] = shape.key_heads
    if shape.family == "mistral":
        own["sliding_window"] = None
    return AutoConfig.for_model(shape.family, **own)


def adapted(model, rank):
    from peft import LoraConfig, get_peft_model

    with quiet():
        return get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear"))


def counted(model):
    return sum(one.numel() for one in model.parameters())


def on_meta(make):
    import torch

    with torch.device("meta"):
        return make()


@pytest.mark.parametrize(
    "shape", SMALL + LARGE, ids=[*BY_NAME, "qwen3-8b", "llama-8b", "mistral-7b", "gemma-7b", "gpt-neox-20b"]
)
def test_parameters_are_those_of_the_models_that_transformers_builds(shape):
    from transformers import AutoModel, AutoModelForCausalLM

    config = config_of(shape)
    assert shape.backbone == counted(on_meta(lambda: AutoModel.from_config(config)))
    assert shape.policy == counted(on_meta(lambda: AutoModelForCausalLM.from_config(config)))


def test_the_backbone_of_the_recipe_has_the_published_number_of_parameters():
    assert QWEN3_8B.policy == 8_190_735_360  # 8.2B, 6.95B without embeddings, says its card
    assert round(QWEN3_8B.policy - 2 * QWEN3_8B.embedding, -7) == 6_950_000_000


def test_the_reward_model_has_two_heads_more():
    from primum.rewards.model import CriteriaRewardConfig, CriteriaRewardModel

    config = CriteriaRewardConfig(backbone=config_of(SMALL[0]))
    assert SMALL[0].reward == counted(on_meta(lambda: CriteriaRewardModel(config)))


@pytest.mark.parametrize("shape", SMALL, ids=BY_NAME)
def test_adapters_are_those_that_peft_makes(shape):
    from transformers import AutoModel

    model = adapted(AutoModel.from_config(config_of(shape)), 5)
    assert shape.lora(5) == sum(one.numel() for one in model.parameters() if one.requires_grad)


def layers_of(shape, number):
    return replace(shape, num_hidden_layers=number)


def autograd_keeps(shape, tokens, manner):
    """Bytes that autograd keeps for the way back, parameters and copies of them left out, and the mask that SDPA is given."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_config(config_of(shape), attn_implementation="sdpa")
    if manner.precision == "bf16":
        model = model.to(torch.bfloat16)
    if manner.lora_rank is not None:
        model = adapted(model, manner.lora_rank)
        if manner.is_checkpointed:
            model.enable_input_require_grads()
    model.train()
    if manner.is_checkpointed:
        with quiet():
            model.gradient_checkpointing_enable({"use_reentrant": False})
    own = {one.untyped_storage().data_ptr() for one in [*model.parameters(), *model.buffers()]}
    seen = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen.setdefault(storage.data_ptr(), (storage.nbytes(), tensor))
        return tensor

    ids, mask = torch.zeros(1, tokens, dtype=torch.long), torch.ones(1, 1, tokens, tokens).tril().bool()
    mixed = torch.autocast("cpu", dtype=torch.bfloat16, enabled=manner.precision == "mixed")
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda one: one), mixed:
        model(input_ids=ids, attention_mask=mask, position_ids=torch.arange(tokens)[None], use_cache=False)
    kept_here = [(size, one) for size, one in seen.values() if tokens in one.shape]
    return sum(size for size, one in kept_here if one.shape != mask.shape)


def kept_cases():
    for shape in (*FAMILIES, SMALL[4]):
        for precision in ("fp32", "bf16", "mixed"):
            yield shape, Manner(precision, repeats_keys=True)
            if shape.family in ("qwen3", "gpt_neox"):
                yield shape, Manner(precision, lora_rank=3, repeats_keys=True)
    for shape in (SMALL[0], SMALL[7]):
        yield shape, Manner("mixed", is_checkpointed=True)
        yield shape, Manner("mixed", lora_rank=3, is_checkpointed=True)


@pytest.mark.parametrize(
    ("shape", "manner"),
    [
        pytest.param(shape, manner, id=f"{shape.family}-{manner.precision}-{manner.lora_rank}-{manner.is_checkpointed}")
        for shape, manner in kept_cases()
    ],
)
def test_a_layer_keeps_of_a_token_what_autograd_keeps(shape, manner):
    tokens = 67  # no width of any shape
    first, second = (autograd_keeps(layers_of(shape, number), tokens, manner) for number in (2, 3))
    own = kept_of_token(shape, manner)
    if manner.is_checkpointed:
        own = manner.stored * shape.hidden_size
    assert second - first == tokens * own


@pytest.mark.parametrize("manner", [Manner("mixed"), Manner("bf16")], ids=lambda one: one.precision)
@pytest.mark.parametrize("shape", [SMALL[0], SMALL[7]], ids=lambda one: one.family)
def test_the_whole_of_what_is_kept_is_near_to_what_autograd_keeps(shape, manner):
    shape, manner, tokens = layers_of(shape, 6), manner._replace(repeats_keys=True), 67
    assert kept(shape, manner, tokens) == pytest.approx(autograd_keeps(shape, tokens, manner), rel=0.05)


def test_keys_that_are_not_repeated_are_kept_once():
    flex, repeated = (Manner("mixed", repeats_keys=one) for one in (False, True))
    apart = kept_of_token(QWEN3_8B, repeated) - kept_of_token(QWEN3_8B, flex)
    assert apart == 2 * 2 * (QWEN3_8B.query - QWEN3_8B.keys)


def test_checkpointing_keeps_the_input_of_each_layer_and_one_layer():
    manner = Manner("mixed", is_checkpointed=True)
    through = 36 * 4 * 4096 + kept_of_token(QWEN3_8B, manner) + 2 * 4 * 4096
    assert kept(QWEN3_8B, manner, 1000) == 1000 * through
    assert kept(QWEN3_8B, manner, 1000) < kept(QWEN3_8B, manner._replace(is_checkpointed=False), 1000) / 8


def test_states_are_those_of_a_step_of_adamw():
    import torch
    from transformers import AutoModel

    shape = SMALL[0]
    model = AutoModel.from_config(config_of(shape))
    optimiser = torch.optim.AdamW(model.parameters())
    model(input_ids=torch.zeros(1, 4, dtype=torch.long)).last_hidden_state.sum().backward()
    optimiser.step()
    moments = [one for state in optimiser.state.values() for one in state.values() if one.dim()]
    held = {one.name: one.size for one in states(shape, shape.backbone, Manner("mixed"))}
    assert held["weights"] == sum(one.nbytes for one in model.parameters())
    assert held["gradients"] == sum(one.grad.nbytes for one in model.parameters())
    assert held["optimiser states"] == sum(one.nbytes for one in moments)
    assert held["weights in bfloat16, of layers at work"] == 2 * shape.matrices


def held_by(**changed):
    manner = Manner("mixed", ranks=8)._replace(**changed)
    return {one.name: one.size for one in states(QWEN3_8B, QWEN3_8B.reward, manner)}


def test_zero_shards_states_then_gradients_then_weights():
    none, one, two, three = (held_by(sharding=kind) for kind in ("none", "zero1", "zero2", "fsdp"))
    names = ("optimiser states", "gradients", "weights")
    for sharded, shards in ((none, 0), (one, 1), (two, 2), (three, 3)):
        for place, name in enumerate(names):
            whole = (8, 4, 4)[place] * QWEN3_8B.reward
            assert sharded[name] == pytest.approx(whole / 8 if place < shards else whole, abs=1)
    assert three["layers put together"] == 2 * (2 * QWEN3_8B.layer + QWEN3_8B.embedding)
    assert "gradients on their way" in none and "gradients on their way" not in three


def test_adapters_leave_the_backbone_and_the_language_head_as_they_are():
    manner = Manner("bf16", lora_rank=16)
    assert trained_of(QWEN3_8B, QWEN3_8B.policy, manner) == QWEN3_8B.lora(16)
    assert trained_of(QWEN3_8B, QWEN3_8B.reward, manner) == QWEN3_8B.lora(16) + 2 * 4097
    held = {one.name: one.size for one in states(QWEN3_8B, QWEN3_8B.policy, manner)}
    assert held["weights"] == 2 * QWEN3_8B.policy + 4 * QWEN3_8B.lora(16)
    assert held["optimiser states"] == 8 * QWEN3_8B.lora(16)


def test_the_cache_is_the_one_that_transformers_fills():
    import torch
    from transformers import AutoModel

    for shape in FAMILIES:
        model = AutoModel.from_config(config_of(shape)).eval()
        with torch.inference_mode():
            cache = model(input_ids=torch.zeros(1, 9, dtype=torch.long), use_cache=True).past_key_values
        assert sum(one.keys.nbytes + one.values.nbytes for one in cache.layers) == 9 * shape.cache(4)


def operations(shape, tokens, learns, rank=None):
    """Operations that torch counts, of matrices and of attention, read or learned from. Counted on the meta device."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import AutoModel

    model = AutoModel.from_config(config_of(shape), attn_implementation="eager")
    if rank is not None:
        model = adapted(model, rank)
    with FlopCounterMode(display=False) as counter:
        states = model(input_ids=torch.zeros(1, tokens, dtype=torch.long), use_cache=False).last_hidden_state
        if learns:
            states.sum().backward()
    by = {str(name).removeprefix("aten."): count for name, count in counter.get_flop_counts()["Global"].items()}
    attention = by.pop("bmm", 0)
    # Rotary angles are made by one small product of matrices too, and counted with those of attention.
    return sum(by.values()), attention - 2 * (shape.head // 2) * tokens * (shape.family != "gpt_neox")


@pytest.mark.parametrize("shape", FAMILIES, ids=lambda one: one.family)
def test_operations_are_those_that_torch_counts(shape):
    tokens = 11
    matrices, attention = operations(shape, tokens, learns=False)
    expected = shape.forward(tokens, tokens * tokens)  # eager attention computes all pairs
    assert matrices == expected[0]
    assert attention == pytest.approx(expected[1], rel=0.02)


def test_learning_takes_three_forwards_of_the_matrices_and_two_with_frozen_ones():
    shape, tokens = layers_of(SMALL[0], 4), 11
    packing = Packing(tokens, 0, 0)
    attention = shape.forward(tokens, packing.seen)[1]
    matrices, _ = operations(shape, tokens, learns=True)
    assert learning(shape, packing, Manner("fp32")) - 3.5 * attention == pytest.approx(matrices, rel=0.01)
    frozen, _ = operations(shape, tokens, learns=True, rank=2)
    # The first layer's input needs no gradient: the first layer's share of it is not computed.
    assert learning(shape, packing, Manner("fp32", lora_rank=2)) - 3.5 * attention == pytest.approx(frozen, rel=0.08)
    again = learning(shape, packing, Manner("fp32", is_checkpointed=True)) - learning(shape, packing, Manner("fp32"))
    assert again == reading(shape, packing)


def test_a_packed_sequence_sees_what_the_mask_lets_it_see():
    from primum.rewards.model import collate
    from primum.rewards.model.masks import Seen, dense_mask

    packing = Packing(3, 2, 2)
    packed = Packed([1] * 7, [0, 1, 2, 3, 4, 3, 4], [0, 0, 0, 1, 1, 2, 2], [4, 6], [0, 1])
    laid = collate([packed], 0)
    mask = dense_mask(Seen(laid["segments"], laid["position_ids"], None, True), None)
    assert (packing.tokens, packing.seen, packing.apart) == (7, int(mask.sum()), 10) == (7, 24, 10)


def test_gradients_pass_twice_between_ranks_and_sharded_weights_twice_besides():
    shape = SMALL[0]
    assert between_ranks(shape, shape.reward, Manner("mixed")) == 0
    assert between_ranks(shape, shape.reward, Manner("mixed", ranks=4)) == 0.75 * 2 * 4 * shape.reward
    assert between_ranks(shape, shape.reward, Manner("mixed", ranks=4, sharding="fsdp")) == 0.75 * 8 * shape.reward


def test_writing_reads_the_weights_and_the_cache_for_every_token():
    weights = 2 * (QWEN3_8B.policy - QWEN3_8B.embedding)  # the embeddings of other tokens are not read
    cache = 4 * (100 + 25) * 2 * 36 * 1024 * 2
    assert decoding_seconds(QWEN3_8B, 4, 100, 50, 2, 1e12) == pytest.approx(50 * (weights + cache) / 1e12)


GPUS = GpuSettings(name="G", number=8, memory_gib=80, tflops=1000, bandwidth_gb_s=3000, link_gb_s=400, utilisation=0.5)
LOAD = LoadSettings(pairs=1000, prompt_tokens=100, answer_tokens=300, criteria=10, criterion_tokens=20)


def test_a_plan_counts_steps_rows_and_seconds():
    settings = RewardModelSettings(batch_pairs=64, accumulation_steps=4, epochs=2, max_tokens=2048, held_share=0.1)
    phase = plan_reward_model(QWEN3_8B, GPUS, LOAD, LaunchSettings(), settings)
    assert (phase.rows, phase.row_tokens, phase.steps) == (4, 2048, 29)  # twice 900 pairs in batches of 64
    manner = manner_of(LaunchSettings(), None, False, 8)
    flops = 128 * learning(QWEN3_8B, Packing(400, 10, 20), manner)
    assert phase.flops == flops and phase.timed[0].seconds == pytest.approx(flops / (8 * 1000e12 * 0.5))
    assert phase.mfu == 0.5
    assert phase.step_seconds[0] == max(phase.timed[0].seconds, phase.exchange)
    assert phase.seconds[1] == pytest.approx(29 * (phase.timed[0].seconds + phase.exchange))
    many = replace(LOAD, criteria=60)  # three quarters for prompt and answer, and all criteria behind them
    assert plan_reward_model(QWEN3_8B, GPUS, many, LaunchSettings(), settings).row_tokens == 1536 + 60 * 20
    again = plan_reward_model(QWEN3_8B, GPUS, LOAD, LaunchSettings(), replace(settings, gradient_checkpointing=True))
    assert again.mfu < 0.5 and again.memory.total < phase.memory.total


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"num_key_value_heads": 3}, "does not divide"),
        ({"hidden_size": 0}, "less than 1"),
        ({"head_dim": None, "hidden_size": 30}, "no multiple"),
        ({"family": "gpt_neox"}, "one key a head"),
        ({"family": "mistral", "attention_bias": True}, "not its to choose"),
    ],
)
def test_a_shape_that_no_model_has_is_refused(changed, told):
    with pytest.raises(PrimumError, match=told):
        replace(SMALL[0], **changed)


@pytest.mark.parametrize(
    ("of", "changed"),
    [
        (GPUS, {"number": 0}),
        (GPUS, {"utilisation": 1.5}),
        (GPUS, {"memory_utilisation": 0.0}),
        (GPUS, {"reserve_gib": 80.0}),
        (LOAD, {"criteria": 0}),
        (LOAD, {"steering_prompts": -1}),
        (LaunchSettings(), {"steering_gpus": 0}),
    ],
)
def test_settings_out_of_their_range_are_refused(of, changed):
    with pytest.raises(PrimumError):
        replace(of, **changed)
