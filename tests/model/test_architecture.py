"""Layers, weights, and the bounds of memory and work of a training step."""

import pytest
from hypothesis import given, settings
from strategies import model_strategy, params_strategy

from vae import Params
from vae.errors import ParamsError
from vae.model.architecture import MAX_PARAMETERS, architecture, count_parameters
from vae.model.training_size import (
    MAX_STEP_MEMORY,
    MAX_STEP_WORK,
    check_size,
    process_memory,
    step_memory,
    step_work,
    validation_memory,
)
from vae.presets import PRESETS

LARGEST = Params(
    encoder_layers=[512] * 3,
    decoder_layers=[512] * 3,
    digit_classification_layers=[512] * 3,
    encoder_filters=[128] * 3,
    decoder_filters=[128] * 3,
    digit_classification_filters=[128] * 3,
    activation="gelu",
    consistency_weight=1.0,
    synthetic_ratio=1.0,
    batch_size=1000,
)


def test_the_work_of_perceptrons_by_hand():
    params = Params(
        encoder_layers=[50, 30],
        decoder_layers=[40],
        digit_classification_layers=[20],
        z_dim=5,
        batch_size=100,
    )
    encoder = 784 * 50 + 50 * 30 + 2 * 30 * 5
    decoder = (5 + 10) * 40 + 40 * 784
    classifier = 784 * 20 + 20 * 10
    assert step_work(params) == 3 * 100 * (encoder + decoder + classifier)

    def work(**changes):
        return step_work(params.model_copy(update=changes))

    # The decoder gets the probabilities of the batch without the synthetic digits.
    assert work(synthetic_ratio=0.5) == 3 * (100 * (encoder + decoder) + 250 * classifier)
    assert work(synthetic_ratio=0.5, decoder_sees="label") == 3 * (
        100 * (encoder + decoder) + 150 * classifier
    )
    # The classifier's weights have no gradient of the consistency.
    assert work(consistency_weight=1.0) == step_work(params) + 50 * (3 * decoder + 2 * classifier)
    # Without labels the decoder has ten inputs less, and there is no consistency.
    less = 3 * 100 * 10 * 40
    assert work(decoder_sees="nothing", consistency_weight=1.0) == step_work(params) - less


def test_the_work_of_convolutions_by_hand():
    params = Params(
        encoder_layers=[20],
        decoder_layers=[20],
        digit_classification_layers=[20],
        encoder_filters=[4, 6],
        decoder_filters=[8, 5],
        digit_classification_filters=[3, 7],
        z_dim=5,
        batch_size=60,
    )
    # 28 → 14 → 7, kernels 4 × 4
    encoder = 14 * 14 * 4 * 4 * 1 * 4 + 7 * 7 * 4 * 4 * 4 * 6
    encoder += 7 * 7 * 6 * 20 + 2 * 20 * 5
    # 14 → 28, kernel 4 × 4 at each of the 14 × 14 pixels; the last one 3 × 3
    decoder = 15 * 20 + 20 * 14 * 14 * 8
    decoder += 14 * 14 * 4 * 4 * 8 * 5 + 28 * 28 * 3 * 3 * 5 * 1
    # 28, pooled to 14, pooled to 7
    classifier = 28 * 28 * 3 * 3 * 1 * 3 + 14 * 14 * 3 * 3 * 3 * 7
    classifier += 7 * 7 * 7 * 20 + 20 * 10
    assert step_work(params) == 3 * 60 * (encoder + decoder + classifier)


def test_the_memory_holds_every_activation():
    params = Params(
        encoder_layers=[100],
        decoder_layers=[200],
        digit_classification_layers=[300],
        digit_classification_filters=[10],
        z_dim=5,
        batch_size=100,
        decoder_sees="label",
    )
    dense = 100 + 2 * 5 + 200 + 784 + 300 + 10
    # The convolution's output and that of its batch normalisation, and the pooled image.
    conv = 2 * 28 * 28 * 10 + 14 * 14 * 10
    weights = count_parameters(architecture(params))
    numbers = 100 * (dense + conv) + 4 * weights
    assert 4 * numbers < step_memory(params) < 4 * (numbers + 100 * (4 * 28 * 28 * 10 + 4 * 784))


@pytest.mark.parametrize("name", PRESETS)
def test_the_presets_are_far_below_the_bounds(name):
    check_size(PRESETS[name])
    assert step_work(PRESETS[name]) < MAX_STEP_WORK / 10
    assert step_memory(PRESETS[name]) < MAX_STEP_MEMORY / 10


def test_a_perceptron_of_any_size_is_accepted():
    check_size(LARGEST.model_copy(update=dict.fromkeys(FILTERS, ())))


FILTERS = ("encoder_filters", "decoder_filters", "digit_classification_filters")


def test_too_much_memory_is_refused_in_a_sentence():
    with pytest.raises(ParamsError) as error:
        check_size(LARGEST)
    assert str(error.value) == (
        "A training step may take 2.5 GB of memory at most; with these parameters it takes about "
        f"{step_memory(LARGEST) / 1e9:.1f} GB: choose fewer filters, smaller layers or a smaller "
        "batch_size."
    )
    assert 15e9 < step_memory(LARGEST) < 30e9


def test_too_much_work_is_refused_in_a_sentence():
    params = LARGEST.model_copy(update={"activation": "relu", "batch_size": 120})
    assert step_memory(params) < MAX_STEP_MEMORY
    with pytest.raises(ParamsError, match="60 billion multiplications at most"):
        check_size(params)
    check_size(params.model_copy(update={"batch_size": 60}))


def test_too_many_weights_are_refused():
    assert count_parameters(architecture(Params())) == 308_654
    for refuse in (architecture, check_size, step_work, step_memory):
        with pytest.raises(ParamsError, match="these layers and filters make 51"):
            refuse(Params(decoder_layers=[512], decoder_filters=[128]))


@given(params_strategy())
@settings(max_examples=100, deadline=None)
def test_every_choice_of_parameters_is_within_the_bounds_or_refused(params):
    try:
        check_size(params)
    except ParamsError as error:
        assert "at most" in str(error)
    else:
        assert count_parameters(architecture(params)) <= MAX_PARAMETERS
        assert step_memory(params) <= MAX_STEP_MEMORY
        assert step_work(params) <= MAX_STEP_WORK


@given(model_strategy())
@settings(max_examples=100, deadline=None)
def test_a_larger_batch_takes_more(params):
    if params.batch_size == 1000:
        return
    larger = params.model_copy(update={"batch_size": params.batch_size + 1})
    assert step_work(larger) > step_work(params)
    assert step_memory(larger) > step_memory(params)


def test_the_memory_of_the_validation_counts():
    wide = Params(digit_classification_filters=[128], batch_size=20)
    assert validation_memory(wide) == 4 * 4 * 500 * 28 * 28 * 128
    assert process_memory(wide) == 1_150_000_000 + validation_memory(wide) > 1.9e9
    plain = PRESETS["classic"]
    assert validation_memory(plain) == 4 * 4 * 10_000 * 28 * 28 > step_memory(plain)
    large = plain.model_copy(update={"batch_size": 1000, "encoder_filters": (64, 64)})
    assert process_memory(large) == 1_150_000_000 + step_memory(large)
