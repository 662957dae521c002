"""Server, dispatcher and worker killed, stopped, without memory, disk or shared memory."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks.faults.app_at_work import (
    PARAMS,
    App,
    ended,
    finish,
    limit_data,
    wait_until,
    worker_of,
)
from benchmarks.faults.tally import Tally, check, check_sentence
from vae import settings
from vae.errors import RunError
from vae.runs import store
from vae.runs.run import Run
from vae.storage import is_locked

STOPPED, STOPPED_QUICK = 60, 3
"""Seconds for which a process is stopped."""

TIMES, TIMES_QUICK = 3, 1

GOES_ON = "run finished"
RESUMED = "run ended with a sentence, resumed, finished"


def run(quick: bool) -> Iterator[Tally]:
    """A row for each process and what is done to it."""
    times, seconds = (TIMES_QUICK, STOPPED_QUICK) if quick else (TIMES, STOPPED)
    app = App(_folder("whole"))
    try:
        for who in (_worker, _dispatcher, _server):
            name = who.__name__[1:]
            for kind in (signal.SIGKILL, signal.SIGTERM):
                tally = Tally(f"{name}: {kind.name}")
                for i in range(times):
                    run_name = f"{name}-{kind.name.lower()}-{i}"
                    tally.trial(partial(who, app, run_name, partial(_end, kind)), i)
                yield tally
            tally = Tally(f"{name}: SIGSTOP for {seconds} s, SIGCONT")
            tally.trial(partial(_stopped, app, f"{name}-stopped", who, seconds))
            yield tally
        tally = Tally("worker: no more memory")
        for i in range(times):
            tally.trial(partial(_starved_worker, app, f"memory-{i}"), i)
        yield tally
        tally = Tally("dispatcher: no more memory for 3 s")
        tally.trial(partial(_starved_dispatcher, app))
        yield tally
        tally = Tally("server: no more memory for 3 s")
        tally.trial(partial(_starved_server, app))
        yield tally
        tally = Tally("clock set back by a day (times of log, id and files put forward)")
        tally.trial(partial(_clock, app))
        yield tally
    finally:
        app.close()
    for what, act in {
        "disk full while a run trains": _full_disk,
        "home read-only": _read_only,
        "no shared memory": _no_shared_memory,
    }.items():
        tally = Tally(what)
        tally.trial(act)
        yield tally


def _folder(name: str) -> Path:
    folder = settings.HOME / name
    folder.mkdir()
    return folder


def _end(kind: signal.Signals, pid: int) -> None:
    os.kill(pid, kind)


Disturb = Callable[[int], None]


def _worker(app: App, name: str, disturb: Disturb) -> str:
    app.dispatcher()
    run = app.train(name)
    disturb(worker_of(run))
    return _ends_and_resumes(app, run)


def _starved_worker(app: App, name: str) -> str:
    """At its start, since a training that is under way needs no more memory for long."""
    app.dispatcher()
    run = store.create(PARAMS, name)
    run.submit()
    wait_until(lambda: run.status().history.worker, f"a worker of {name}")
    limit_data(worker_of(run), 0)
    return _ends_and_resumes(app, run)


def _ends_and_resumes(app: App, run: Run) -> str:
    good = run.last.read_bytes() if run.last.exists() else b""
    wait_until(lambda: not is_locked(run.folder / "lock"), "the end of the worker")
    status = run.status()
    check(status.state in ("killed", "failed"), f"{status.state}")
    check_sentence(status.message)
    app.open_pages(run)
    check(not good or run.last.exists(), "its model is gone")
    run.resume()
    finish(run)
    return RESUMED


def _dispatcher(app: App, name: str, disturb: Disturb) -> str:
    pid = app.dispatcher()
    run = app.train(name)
    disturb(pid)
    wait_until(lambda: not is_locked(settings.RUNS / "workers.lock"), "its end")
    check(run.status().state == "running", run.status().state)
    app.open_pages(run)  # A visit starts the next dispatcher.
    app.dispatcher()
    finish(run)
    later = app.train(f"{name}-later")
    finish(later)
    return f"{GOES_ON}, so did the next one"


def _server(app: App, name: str, disturb: Disturb) -> str:
    app.dispatcher()
    run = app.train(name)
    disturb(app.server.pid)
    app.server.wait(60)
    check(run.status().state == "running", run.status().state)
    app.start()
    app.open_pages(run)
    finish(run)
    # The dispatcher ends with the last run of its server; a visit starts the next.
    wait_until(lambda: not is_locked(settings.RUNS / "workers.lock"), "its dispatcher to end")
    app.open_pages(run)
    return f"{GOES_ON}; a new server opens the pages"


def _stopped(app: App, name: str, who: Callable[..., str], seconds: float) -> str:
    pid = app.dispatcher()
    run = app.train(name)
    pid = {_worker: worker_of(run), _dispatcher: pid, _server: app.server.pid}[who]
    os.kill(pid, signal.SIGSTOP)
    if who is not _server:
        app.open_pages(run)
    check(run.status().state == "running", run.status().state)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)
    app.open_pages(run)
    finish(run)
    later = app.train(f"{name}-later")
    finish(later)
    return f"{GOES_ON}; the pages open"


def _starved_dispatcher(app: App) -> str:
    pid = app.dispatcher()
    limit_data(pid, 0)
    run = store.start(PARAMS, "starved")
    time.sleep(3)
    with suppress(ProcessLookupError):
        limit_data(pid, None)
    app.open_pages(run)
    outcome = "run finished"
    status = wait_until(lambda: ended(run), "the end of the run")
    if status.state != "finished":
        check_sentence(status.message)
        run.resume()
        finish(run)
        outcome = RESUMED
    later = app.train("starved-later")
    finish(later)
    return f"{outcome}, so did the next one"


def _starved_server(app: App) -> str:
    app.dispatcher()
    run = app.train("beside")
    limit_data(app.server.pid, 0)
    time.sleep(3)
    limit_data(app.server.pid, None)
    outcome = "the pages open again"
    if app.server.poll() is not None:
        outcome = "it ended; a new one opens the pages"
        app.start()
    app.open_pages(run)
    finish(run)
    return f"{GOES_ON}; {outcome}"


def _clock(app: App) -> str:
    """What a run looks like after the clock was set back: all that it wrote is of tomorrow."""
    app.dispatcher()
    run = app.train("tomorrow")
    os.kill(worker_of(run), signal.SIGKILL)
    wait_until(lambda: not is_locked(run.folder / "lock"), "the end of the worker")
    log = run.folder / "events.jsonl"
    events = [json.loads(line) for line in log.read_text().splitlines()]
    later = [json.dumps(event | {"at": event["at"] + 86_400}) for event in events]
    log.write_text("".join(line + "\n" for line in later))
    # It has the old id: under the new one, the run would leave it as the model of another.
    (settings.MODELS / "tomorrow.safetensors").unlink(missing_ok=True)
    folder = run.folder.with_name("tomorrow-20990101-000000")
    run.folder.rename(folder)
    future = time.time() + 86_400
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (future, future))
    app.open_pages(tomorrow := store.get(folder.name))
    tomorrow.resume()
    finish(tomorrow)
    now = app.train("now")
    check(store.list_ids()[0] == now.id, "a later run is not the first of the list")
    finish(now)
    return f"resumed, {GOES_ON.removeprefix('run ')}; the next is listed first"


def _mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True, capture_output=True)


def _on_small_disk(name: str) -> tuple[App, Path]:
    home = _folder_beside(name)
    _mount("-t", "tmpfs", "-o", "size=20m", "tmpfs", str(home))
    return App(home), home


def _folder_beside(name: str) -> Path:
    folder = Path(os.environ["VAE_HOME"]) / name
    folder.mkdir()
    return folder


def _full_disk() -> str:
    app, home = _on_small_disk("full")
    try:
        app.dispatcher()
        run = app.train("full")
        ballast = home / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        status = wait_until(lambda: ended(run), "the end of the run")
        check(status.state == "failed", status.state)
        check("No space left on device" in status.message, status.message)
        app.open_pages(run)
        try:
            run.resume()
        except RunError as error:
            check_sentence(error)
        ballast.unlink()
        app.open_pages(run)
        run.resume()
        finish(run)
        return RESUMED
    finally:
        app.close()


def _read_only() -> str:
    app, home = _on_small_disk("closed")
    try:
        app.dispatcher()
        run = app.train("closed")
        run.stop()
        wait_until(lambda: not is_locked(run.folder / "lock"), "the end of the worker")
        app.close()
        wait_until(partial(_remounted, home, "ro"), "the disk to be free")
        app.start()
        app.open_pages(run)
        refused = 0
        for act in (run.resume, run.stop, run.delete, partial(store.start, PARAMS, "new")):
            try:
                act()
            except RunError as error:
                check("Read-only file system" in str(error), str(error))
                refused += 1
        check(refused == 4, f"{4 - refused} actions were not refused")
        _remounted(home, "rw")
        app.open_pages(run)
        app.dispatcher()
        run.resume()
        finish(run)
        return "pages open, 4 of 4 actions refused with a sentence; writable again, run finished"
    finally:
        app.close()


def _remounted(home: Path, how: str) -> bool:
    done = subprocess.run(["mount", "-o", f"remount,{how}", str(home)], capture_output=True)
    return done.returncode == 0


def _no_shared_memory() -> str:
    _mount("-t", "tmpfs", "-o", "ro", "tmpfs", "/dev/shm")
    app = App(_folder_beside("shm"))
    try:
        app.dispatcher()
        run = store.start(PARAMS, "shm")
        status = wait_until(lambda: ended(run), "the end of the run")
        check(status.state in ("failed", "finished"), f"{status.state}: {status.message}")
        check_sentence(status.message)
        app.open_pages(run)
    finally:
        app.close()
        subprocess.run(["umount", "/dev/shm"], capture_output=True)
    return f"run {status.state}: {status.message.rstrip('.')}; the pages open"
