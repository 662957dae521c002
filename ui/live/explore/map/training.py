"""The μ of all training images, computed beside the pages: it takes up to minutes."""

import threading
import time

from vae.errors import VAELabError
from vae.model import latent_map
from vae.model.latent_map import MapData
from vae.model.numpy_model import TrainedVAE

_KEPT = 3
"""Models whose maps are kept, the last ones."""

_UNWANTED = 60
"""Seconds after which a computation ends that nobody has asked for again."""


class _Unwanted(Exception):
    pass


class TrainingMaps:
    """Computes one map at a time, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, MapData | VAELabError] = {}
        self._computed: str | None = None
        self._began = self._asked = 0.0

    def ask(self, model_id: str, model: TrainedVAE) -> MapData | float:
        """The map of a model, or for how many seconds it has been computed so far.

        While that of another model is computed it is 0, and the map has to be asked for again.

        Raises:
            VAELabError: if it could not be computed; the next one who asks starts again.
        """
        with self._lock:
            found = self._found.get(model_id)
            if isinstance(found, VAELabError):
                del self._found[model_id]
                raise found
            if found is not None:
                return found
            now = time.monotonic()
            if self._computed is None:
                self._computed, self._began = model_id, now
                threading.Thread(target=self._compute, args=(model_id, model), daemon=True).start()
            if self._computed != model_id:
                return 0.0
            self._asked = now
            return now - self._began

    @property
    def busy(self) -> bool:
        """Whether a map is being computed."""
        return self._computed is not None

    def _compute(self, model_id: str, model: TrainedVAE) -> None:
        found: MapData | VAELabError | None = None
        try:
            found = latent_map.train_map(model, self._check)
        except _Unwanted:
            pass
        except VAELabError as error:
            found = error
        except MemoryError:
            found = VAELabError("There is not enough memory for the map of all images.")
        finally:
            with self._lock:
                self._computed = None
                if found is not None:
                    self._found[model_id] = found
                for old in list(self._found)[:-_KEPT]:
                    del self._found[old]

    def _check(self) -> None:
        if time.monotonic() > self._asked + _UNWANTED:
            raise _Unwanted
