import numpy as np
import pytest
import tensorflow as tf
from small_runs import SMALL

from vae import Params, evaluate, train
from vae.data.mnist import Data, Examples
from vae.errors import TrainingError
from vae.model.keras_model import VAE
from vae.training.loop import STEPS_PER_CALL, Training
from vae.training.progress import Point, merge_points
from vae.training.shared import shared_tensor

TERMS = ("loss", "recon", "kl", "cls")


@pytest.fixture(scope="module")
def small(mnist):
    return Data(
        Examples(*(a[:3050] for a in mnist.train)), Examples(*(a[:500] for a in mnist.test))
    )


def test_one_epoch_learns_and_is_validated_as_evaluate_measures(mnist):
    progress = list(train({"epochs": 1}, mnist))
    assert [p.step for p in progress] == [*range(STEPS_PER_CALL, 550, STEPS_PER_CALL), 550]
    assert progress[-1].loss < 0.6 * progress[0].loss
    trained = progress[-1].trained
    metrics = evaluate(trained, mnist.train.part(slice(-5000, None)))
    assert metrics["accuracy"] > 0.9
    (epoch,) = trained.history
    assert epoch["val_cls"] == pytest.approx(metrics["cross_entropy"], rel=1e-4)
    assert epoch["val_kl"] == pytest.approx(metrics["kl"], rel=1e-4)
    assert epoch["val_recon"] == pytest.approx(metrics["recon"], rel=0.02)  # z is sampled anew.
    steps = np.diff([0, *(p.step for p in progress)])
    for term in TERMS:
        mean = np.average([getattr(p, term) for p in progress], weights=steps)
        assert epoch[term] == pytest.approx(mean, rel=1e-5)


def test_a_seed_fixes_everything(small):
    def tensors(seed):
        *_, last = train({"epochs": 2, "batch_size": 500, "held_out": 0, "seed": seed}, small)
        return last.trained.tensors

    first, again = tensors(1), tensors(1)
    for name in first:
        assert np.array_equal(first[name], again[name])
    initial, other = (VAE(Params(seed=seed)).to_trained().tensors for seed in (1, 2))
    assert not np.array_equal(initial["mu.kernel"], other["mu.kernel"])


def test_progress_of_uneven_batches(small):
    # 3,000 of the examples are 4 batches of 700; the 200 left over wait for another epoch.
    progress = list(train({"epochs": 2, "batch_size": 700, "held_out": 50}, small))
    assert [(p.epoch, p.step, p.steps) for p in progress] == [(1, 4, 4), (2, 4, 4)]
    assert [len(p.trained.history) for p in progress] == [1, 2]
    assert all(p.examples_per_second > 0 for p in progress)


def test_closing_stops(small):
    training = train({"epochs": 2, "batch_size": 500, "held_out": 50}, small)
    assert next(training).epoch == 1
    training.close()
    assert list(training) == []


def test_a_loss_that_is_no_number_ends_the_training(small):
    broken = small.train.x.copy()
    broken[7, 300] = np.nan
    training = Training(Params(held_out=0), Data(Examples(broken, small.train.y), small.test))
    with pytest.raises(TrainingError, match="smaller learning rate"):
        training.advance()


def test_too_few_examples(small):
    few = Data(Examples(*(a[:50] for a in small.train)), small.test)
    with pytest.raises(TrainingError, match="50 examples are fewer than one batch"):
        next(train({"held_out": 0}, few))
    with pytest.raises(TrainingError, match="0 examples are fewer than one batch"):
        next(train({"held_out": 5000}, small))


def test_the_images_are_not_copied(mnist):
    for examples in mnist:
        images = shared_tensor(examples.x)
        assert np.shares_memory(np.from_dlpack(images), examples.x)


@pytest.mark.parametrize("offset", range(0, 64, 4))
def test_a_shared_tensor_has_the_values_of_any_array(offset):
    memory = np.arange(4000, dtype=np.float32)
    array = memory[offset // 4 :][:3000].reshape(30, 100)
    for view in (array, array.T, array[:, 1:], array[:0], array[3]):
        assert ((2 * shared_tensor(view)).numpy() == 2 * view).all()
        assert (shared_tensor(view)[..., :1].numpy() == view[..., :1]).all()
    frozen = array.copy()
    frozen.flags.writeable = False
    assert (shared_tensor(frozen).numpy() == frozen).all()


def test_a_checkpoint_in_a_validation_leads_to_the_same_end(mnist):
    data = Data(mnist.train.part(slice(4200)), mnist.test)
    conv = SMALL | {"digit_classification_filters": (1,)}
    params = Params(**conv | {"held_out": 1200}, batch_size=500, epochs=2)

    def to_the_end(training, interrupt):
        while not training.done:
            if not training.epoch_complete:
                training.advance()
            elif not training.validate_batch() and interrupt:
                training = Training(params, data, training.checkpoint())
                interrupt = False
        return training

    whole = to_the_end(Training(params, data), interrupt=False)
    broken = to_the_end(Training(params, data), interrupt=True)
    assert broken.history == [pytest.approx(entry, rel=1e-6) for entry in whole.history]
    for name, tensor in whole.model.to_trained().tensors.items():
        assert np.allclose(broken.model.to_trained().tensors[name], tensor, rtol=1e-6, atol=1e-6)


def test_merged_points_are_means_over_their_steps():
    points = [
        Point(1, step, 600, loss, loss / 2, 1.0, 0.1, speed, 0.5)
        for step, loss, speed in ((60, 10.0, 100.0), (90, 40.0, 50.0))
    ]
    merged = merge_points(points, [60, 30])
    assert (merged.step, merged.loss, merged.recon) == (90, 20.0, 10.0)
    assert merged.examples_per_second == pytest.approx(90 / (60 / 100 + 30 / 50))


def floats(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.parametrize(
    ("schedule", "moments", "shares"),
    [
        ("warm-up", (0, 0.2, 0.4, 0.6, 1), (0, 0.4, 0.8, 1, 1)),
        ("cyclic", (0, 0.125, 0.2, 0.35, 1.2), (0, 1, 1, 0.8, 1)),
    ],
)
def test_beta_follows_a_schedule_in_training_alone(schedule, moments, shares, mnist):
    model = VAE(Params(kl_weight=3.0, kl_schedule=schedule, epochs=10, decoder_sees="label"))
    model.compile(steps_per_epoch=1)
    model.optimizer.build(model.trainable_variables)
    x, y = mnist.train.part(slice(100))
    found = []
    for moment in moments:
        model._share_done = lambda moment=moment: tf.constant(float(moment))
        terms = {
            name: float(value) for name, value in model.loss_terms(x, y, training=True).items()
        }
        rest = terms["loss"] - terms["recon"] - 10 * terms["cls"]
        found.append(rest / (3 * terms["kl"]))
    assert found == pytest.approx(shares, abs=1e-3)
    terms = floats(model.loss_terms(x, y))
    whole = terms["recon"] + 3 * terms["kl"] + 10 * terms["cls"]
    assert terms["loss"] == pytest.approx(whole, rel=1e-5)


def test_how_much_of_a_training_is_done():
    model = VAE(Params(epochs=4, learning_rate_schedule="cosine"))
    model.compile(steps_per_epoch=10, first_epoch=2, epochs=4)
    model.optimizer.build(model.trainable_variables)
    for step, share in ((20, 0), (25, 0.25), (40, 1)):
        model.optimizer.iterations.assign(step)
        assert float(model._share_done()) == share


def test_free_bits_by_hand(mnist):
    model = VAE(Params(free_bits=0.2, decoder_sees="label"))
    model.compile()
    x, y = mnist.train.part(slice(100))
    terms = floats(model.loss_terms(x, y, training=True))
    mu, log_var = (part.numpy() for part in model.encode(x))
    kl = -0.5 * (1 + log_var - mu**2 - np.exp(log_var)).mean(0)
    assert (kl < 0.2).any() and terms["kl"] == pytest.approx(kl.sum(), rel=1e-4)
    rest = terms["loss"] - terms["recon"] - 10 * terms["cls"]
    assert rest == pytest.approx(np.maximum(kl, 0.2).sum(), rel=1e-3)


def test_a_training_with_a_schedule_goes_on_where_it_was(small):
    params = Params(**SMALL | {"held_out": 50}, batch_size=500, epochs=2, kl_schedule="warm-up")
    whole = Training(params, small)
    cut = Training(params, small)
    cut.advance(4)
    cut = Training(params, small, cut.checkpoint())
    for training in (whole, cut):
        while not training.epoch_complete:
            training.advance()
    tensors = [t.model.to_trained().tensors for t in (whole, cut)]
    assert all(np.array_equal(tensors[0][name], tensors[1][name]) for name in tensors[0])
