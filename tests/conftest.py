import os

# Its threads wait for each other at full speed, which the other processes pay for. It reads this
# when NumPy is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import contextlib
import gc
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import tqdm
from leftovers import no_processes_or_sockets_left, no_threads_left, shared_by_all_modules

from vae import database, settings
from vae.data.mnist import Data, load_mnist
from vae.errors import VAELabError
from vae.files.registry import load
from vae.runs import dispatcher, queue, store
from vae.runs.rows import has_worker, row_of

__all__ = ["no_processes_or_sockets_left", "no_threads_left"]

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = int(os.environ.get("VAE_TIMEOUT", 120))
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""By preference: a visit costs the first a third less than the second."""

tqdm.tqdm.monitor_interval = 0  # Its thread would outlive the test that shows a progress bar.


@pytest.fixture(scope="session")
def mnist():
    return load_mnist()


@pytest.fixture(scope="module")
def few_images(mnist):
    """The runs of this process have a tenth of MNIST, and besides what `SMALL` holds out."""
    few = Data(mnist.train.part(slice(7000)), mnist.test.part(slice(2000)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vae.data.mnist.mnist", lambda: few)
        yield few


@pytest.fixture(scope="session")
def classic():
    return load("classic")


@pytest.fixture(scope="module", autouse=True)
def little_to_collect():
    """Keras, once imported, has Streamlit collect garbage before each run of a page: 0.3 s of all
    that this process has loaded until then, but for what is frozen.
    """
    gc.collect(1)
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_test_writes_into_the_project(tmp_path_factory):
    """A home for the tests that have none of their own."""
    with in_home(tmp_path_factory.mktemp("home")) as home:
        yield
        leave(home)


@pytest.fixture(autouse=True)
def own_main_module():
    """Restore the main module: AppTest puts the app there, which every new process would load."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder of its own for the runs and models of this process."""
    move_to(tmp_path, monkeypatch)
    yield tmp_path
    leave(tmp_path)


@pytest.fixture
def app(home):
    """The app, run without a browser, with a home of its own."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
    yield test
    assert not test.exception


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory):
    """A home for all tests of a file."""
    with in_home(tmp_path_factory.mktemp("shared")) as home:
        yield home
        leave(home)


@pytest.fixture(scope="module")
def shared_home(shared_database):
    """A home for all tests of a file, with two workers who are waiting for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAE_WORKERS", "2")
        dispatcher.ensure_dispatcher()
        yield shared_database


@contextlib.contextmanager
def in_home(home):
    """Within it, runs and models are in that folder, which may be that of a server."""
    with pytest.MonkeyPatch.context() as patch:
        move_to(home, patch)
        yield home


def move_to(home, patch):
    """Let runs and models be in `home`."""
    patch.setattr(settings, "HOME", home)
    patch.setattr(settings, "MODELS", home / "weights")
    patch.setattr(settings, "RUNS", home / "runs")
    patch.setenv("VAE_HOME", str(home))


def leave(home):
    """Leave no process behind that works in `home`."""
    with contextlib.suppress(VAELabError):
        for run_id in queue.ids():
            queue.cancel(run_id)
        for run_id in store.list_ids():
            # The process of the test itself holds it after a test that failed amid a training.
            if has_worker(run_id) and (worker := row_of(run_id).pid) != os.getpid():
                os.kill(worker, signal.SIGKILL)
    database.close()
    if process := dispatcher._processes.pop(home / "runs", None):
        process.kill()
        process.wait()
        process.stdin.close()


def worker_of(run):
    """The process that trains a run, or did so last."""
    return row_of(run.id).pid


def kill_worker(run):
    """Kill the process that trains a run, and wait for its end; whether there was one."""
    started = lambda: not has_worker(run.id) or _alive(worker_of(run))  # noqa: E731
    wait_until(lambda: worker_of(run) and started())
    try:
        if has_worker(run.id):
            os.kill(worker_of(run), signal.SIGKILL)
            wait_until(lambda: not has_worker(run.id))
            return True
    except ProcessLookupError:
        wait_until(lambda: not has_worker(run.id))
    return False


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, seconds=TIMEOUT):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return value


class Server:
    """A real `streamlit run app.py` with a home of its own, and these environment variables."""

    def __init__(self, home, address="127.0.0.1", **environment):
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = home / f"server-{self.port}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "streamlit", "run", "app.py"),
                    *("--server.headless=true", f"--server.address={address}"),
                    f"--server.port={self.port}",
                ],
                cwd=ROOT,
                env=os.environ | {"VAE_HOME": str(home)} | environment,
                stdout=log,
                stderr=log,
            )
        path = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        self._health = f"{self.url}/{path}/_stcore/health".replace(f"{self.url}//", f"{self.url}/")
        wait_until(self._healthy)

    def _healthy(self):
        assert self.process.poll() is None, self.log()
        try:
            return urllib.request.urlopen(self._health, timeout=1).status == 200
        except OSError:
            return False

    def log(self):
        return self._log.read_text()

    def close(self):
        self.process.terminate()
        self.process.wait()
        leave(self.home)


@pytest.fixture
def cold_server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("home"))
    yield server
    server.close()
    assert "Traceback" not in server.log()


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, CHROMIUM)), "")
    if not path:
        reason = "the browser tests need Chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with contextlib.ExitStack() as stack:
        with shared_by_all_modules():
            playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
