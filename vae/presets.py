"""Ready-made parameters."""

from collections.abc import Mapping

from vae.params import Params

_PLANE = Params(
    encoder_layers=(256, 128),
    decoder_layers=(128, 256),
    digit_classification_layers=(256,),
    activation="gelu",
    likelihood="bernoulli",
    z_dim=2,
    encoder_sees_label=True,
    decoder_sees="label",
    consistency_weight=2.0,
    dropout=0.3,
    synthetic_ratio=0.04,
    epochs=20,
    batch_size=100,
    learning_rate=0.002,
    learning_rate_schedule="cosine",
)

PRESETS: Mapping[str, Params] = {
    "classic": Params(),
    "report": Params(kl_weight=7.84, digit_classification_weight=39.2, held_out=0),
    "fast": Params(
        encoder_layers=(256,),
        decoder_layers=(256, 512),
        digit_classification_layers=(384,),
        activation="gelu",
        likelihood="bernoulli",
        encoder_sees_label=True,
        decoder_sees="label",
        consistency_weight=6.0,
        dropout=0.3,
        synthetic_ratio=0.04,
        epochs=7,
        batch_size=100,
        learning_rate=0.002,
        learning_rate_schedule="cosine",
    ),
    "conv": Params(
        encoder_layers=(128,),
        decoder_layers=(256,),
        digit_classification_layers=(128,),
        encoder_filters=(32, 64),
        decoder_filters=(64, 32, 16),
        digit_classification_filters=(32, 64, 96),
        activation="relu",
        likelihood="bernoulli",
        encoder_sees_label=True,
        decoder_sees="label",
        consistency_weight=4.0,
        dropout=0.3,
        augmentation=1.0,
        synthetic_ratio=0.08,
        epochs=8,
        batch_size=64,
        learning_rate=0.0015,
        learning_rate_schedule="cosine",
    ),
    "plane": _PLANE,
    "unlabelled": _PLANE.model_copy(
        update={"encoder_sees_label": False, "decoder_sees": "nothing"}
    ),
}
"""Ready-made parameters by name. `classic` has the report's layers and is trained on the ELBO;
`report` has its loss, too (see `vae.training.report_units`), and its split. `fast` is the best
found for a minute of training, `conv` for a quarter of an hour. `plane` has two latent dimensions,
which can be seen as a whole; `unlabelled` is the same without labels in encoder and decoder.
"""
