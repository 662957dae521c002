"""What is said of the history of a run."""

from vae.runs.history import ParamChange, RunHistory
from vae.runs.notices import notices


def history(losses=(), active=(), train=None, changes=(), kl=10.0):
    """Epoch 0 and one for each of the losses or of the states of the dimensions."""
    count = max(len(losses), len(active))
    epochs = [{"epoch": e, "val_loss": 50.0, "val_kl": kl / (e or 1)} for e in range(count + 1)]
    for epoch, loss in enumerate(losses, 1):
        epochs[epoch] |= {"val_loss": loss, "loss": train[epoch - 1] if train else loss}
    used = [[True] * 4, *(list(map(bool, row)) for row in active)]
    used += [[True] * 4] * (count + 1 - len(used))
    return RunHistory(
        epochs=epochs,
        kl_per_dimension=[[0.5 if on else 0.004 for on in row] for row in used],
        active=used,
        confusion=[[]] * (count + 1),
        changes=[ParamChange(*change) for change in changes],
    )


def noticed(history, labelled=True):
    return notices(history, labelled)


def test_a_dimension_that_goes_out_of_use_and_comes_back():
    said = noticed(history(active=[(1, 1, 1, 1), (1, 0, 1, 1), (1, 0, 0, 0), (1, 1, 0, 0)]))
    assert said == [
        (2, "z1 went out of use (KL 0.004 nats). In use: 3 of 4."),
        (3, "z2 and z3 went out of use (KL at most 0.004 nats). In use: 1 of 4."),
        (4, "z1 came into use (KL 0.5 nats). In use: 2 of 4."),
    ]


def test_all_dimensions_that_go_out_of_use():
    collapsed = history(active=[(1, 1, 1, 1), (0, 0, 0, 0)])
    ((epoch, text),) = noticed(collapsed)
    assert epoch == 2 and text.startswith("4 dimensions of z went out of use")
    assert text.endswith("No dimension is in use: the decoder draws the average of each digit.")
    ((_, text),) = noticed(collapsed, labelled=False)
    assert text.endswith("the decoder draws one image, the average of all.")


def test_the_untrained_model_is_not_compared():
    assert noticed(history(active=[(0, 0, 1, 1), (0, 0, 1, 1)])) == []


def test_a_dimension_that_was_not_measured_is_not_compared():
    run = history(active=[(1, 1, 1, 1), (1, 0, 1, 1)])
    run.active[1] = None
    assert noticed(run) == []


def test_a_loss_that_rises_for_several_epochs():
    losses = (50.0, 48.0, 48.5, 49.0, 49.5, 47.0)
    assert noticed(history(losses)) == [
        (5, "The validation loss has risen for 3 epochs, from 48 to 49.5."),
    ]
    assert noticed(history(losses[:4])) == [], "two epochs are not several"
    assert noticed(history((48.0, 48.01, 48.02, 48.03))) == [], "that is noise"


def test_training_and_validation_part():
    train = (50.0, 47.0, 46.0, 45.0, 44.0)
    assert noticed(history((50.0, 48.0, 48.5, 49.0, 49.5), train=train)) == [
        (5, "The training loss fell from 47 to 44, the validation loss rose from 48 to 49.5."),
    ]


def test_a_loss_with_other_weights_is_not_compared():
    losses = (48.0, 48.5, 49.0, 49.5)
    assert noticed(history(losses, changes=[(2.5, "digit_classification_weight", 20.0)])) == []
    assert noticed(history(losses, changes=[(2.5, "learning_rate", 0.01)]))


def test_what_a_change_of_beta_did():
    said = noticed(history((50.0, 60.0, 59.0), changes=[(1.25, "kl_weight", 4.0)]))
    assert said == [(2, "With β 4 the KL divergence went from 10 to 5 nats.")]
    assert noticed(history((50.0,), changes=[(1.25, "kl_weight", 4.0)])) == [], "not known yet"


def test_little_is_known_of_an_empty_or_an_old_history():
    assert noticed(RunHistory()) == []
