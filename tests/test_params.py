import pytest
from hypothesis import given, settings
from strategies import params_strategy

from vae.errors import ParamsError
from vae.params import Params, bounds


@given(params_strategy())
@settings(deadline=None)
def test_json_both_ways(params):
    assert Params.from_json(params.to_json()) == params
    assert Params(**params.model_dump()) == params


def test_steps_per_epoch():
    assert Params().steps_per_epoch() == 550
    assert Params(batch_size=70, held_out=1000).steps_per_epoch() == 842
    assert Params(batch_size=70, held_out=0).steps_per_epoch(3050) == 43
    assert Params(held_out=5000).steps_per_epoch(3050) == 0


def test_layers_as_typed():
    assert Params(decoder_layers="64, 32").decoder_layers == (64, 32)
    assert Params(decoder_filters="64,32").decoder_filters == (64, 32)
    assert Params(decoder_filters=" ").decoder_filters == ()
    with pytest.raises(ParamsError, match="encoder_layers must be"):
        Params(encoder_layers="")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"epochs": 0}, "epochs must be a whole number between 1 and 1000, not 0."),
        ({"epochs": "many"}, "epochs must be a whole number between 1 and 1000, not 'many'."),
        ({"epochs": True}, "epochs must be a whole number between 1 and 1000, not True."),
        ({"z_dim": 2.0}, "z_dim must be a whole number between 1 and 32, not 2.0."),
        (
            {"decoder_std": float("nan")},
            "decoder_std must be a number between 0.05 and 2, not nan.",
        ),
        (
            {"learning_rate": "0.1"},
            "learning_rate must be a number between 0.00001 and 0.1, not '0.1'.",
        ),
        (
            {"encoder_layers": [9999]},
            "encoder_layers must be 1 to 3 sizes, whole numbers between 1 and 512, not [9999].",
        ),
        (
            {"decoder_filters": [1, 2, 3, 4]},
            "decoder_filters must be 0 to 3 sizes, whole numbers between 1 and 128, "
            "not [1, 2, 3, 4].",
        ),
        ({"encoder_sees_label": 1}, "encoder_sees_label must be true or false, not 1."),
        ({"activation": "step"}, "activation must be one of sigmoid, tanh"),
        ({"epoch": 3}, "'epoch' is not a parameter; did you mean epochs?"),
        ({"colour": 3}, "'colour' is not a parameter; there are encoder_layers,"),
    ],
)
def test_a_wrong_value_is_named_with_its_bound(wrong, sentence):
    with pytest.raises(ParamsError) as error:
        Params(**wrong)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("name", ["epochs", "z_dim", "decoder_std", "batch_size", "learning_rate"])
def test_bounds_are_those_that_are_enforced(name):
    low, high = map(Params.model_fields[name].annotation, bounds(name))
    assert getattr(Params(**{name: low}), name) == low
    assert getattr(Params(**{name: high}), name) == high
    for beyond in (low - 1, high + 1):
        with pytest.raises(ParamsError):
            Params(**{name: beyond})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '{"epochs": 1e999}',
        "[" * 100_000,
        '{"seed": ' + "9" * 4000 + "}",
    ],
)
def test_json_that_is_no_params(text):
    with pytest.raises(ParamsError):
        Params.from_json(text)


def test_params_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Params().epochs = 3
