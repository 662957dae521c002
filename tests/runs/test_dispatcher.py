"""Who trains the runs: the queue, the process that hands them out, several servers."""

import subprocess
import sys
import textwrap
from contextlib import closing

import pytest
from by_hand import Worker
from conftest import TIMEOUT, Server, kill_worker, wait_until
from small_runs import QUICK, end_soon, ended, start_endless

from vae import settings
from vae.errors import RunError
from vae.runs import dispatcher, queue, store
from vae.runs.rows import row_of
from vae.storage import delete_temporary_files, is_locked

ONCE = QUICK.model_copy(update={"epochs": 1})


def test_the_dispatcher_may_be_killed(home, monkeypatch):
    monkeypatch.setenv("VAE_WORKERS", "2")
    dispatcher.ensure_dispatcher()
    # One waits, the other cannot come to its end, until the test goes on.
    survivor = store.start(ONCE, "survivor", paused=True)
    victim = start_endless("victim")
    wait_until(lambda: survivor.status().state == "paused" and victim.status().state == "running")
    dispatcher._processes[settings.RUNS].kill()
    wait_until(lambda: not is_locked(settings.RUNS / "workers.lock"))
    assert kill_worker(victim)
    assert victim.status().message.startswith("Its process ended unexpectedly. Resume")
    survivor.resume()
    assert ended(survivor).state == "finished"
    victim.resume(target_epochs=len(victim.status().history.epochs) + 1)
    waits = store.start(ONCE, "waits")
    assert waits.status().state == victim.status().state == "queued"
    queue.move(waits.id, -1)
    left = left_by_killed_processes()
    monkeypatch.setenv("VAE_WORKERS", "1")
    dispatcher.ensure_dispatcher()  # As the next visitor does.
    wait_until(lambda: not any(path.exists() for path in left))
    wait_until(lambda: waits.status().state not in ("queued", "starting"))
    assert victim.status().state == "queued", "there is one worker"
    for run in (survivor, victim, waits):
        wait_until(lambda run=run: run.status().state == "finished")


def left_by_killed_processes():
    """Files and folders that the dispatcher is to delete when it starts."""
    settings.MODELS.mkdir(exist_ok=True)
    folder = settings.RUNS / ".deleted-x-20260101-000000"
    folder.mkdir(parents=True)
    files = [settings.MODELS / ".m.safetensors.abcd_123", settings.RUNS / "workers-trouble.txt"]
    for path in files:
        path.write_text("old")
    return [folder, *files]


def test_two_servers_start_at_once_and_when_they_are_killed_a_run_goes_on(home, monkeypatch):
    monkeypatch.setenv("VAE_WORKERS", "2")
    go = home / "go"
    code = f"""
        import sys, time
        from pathlib import Path
        from vae import Params, VAELabError
        from vae.runs import store
        from vae.runs import dispatcher
        print("ready", flush=True)
        while not Path({str(go)!r}).exists(): pass
        dispatcher.ensure_dispatcher()
        params = Params(**{QUICK.model_dump()!r})
        for name in ("same", "own-" + sys.argv[1]):
            try:
                print(store.start(params, name, paused=True).id, flush=True)
            except VAELabError as error:
                print("NO", error, flush=True)
        sys.stdin.read()
    """
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(i)],
            cwd=settings.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    try:
        for server in servers:
            assert server.stdout.readline() == "ready\n"
        go.touch()
        said = [[server.stdout.readline() for _ in range(2)] for server in servers]
        refused = [line for lines in said for line in lines if line.startswith("NO")]
        assert refused == ["NO A run has the name 'same' already; choose another name.\n"]
        runs = {run.name: run for run in map(store.get, store.list_ids())}
        assert len(runs) == 3
        for run in runs.values():
            wait_until(lambda run=run: run.status().state == "paused")
            assert row_of(run.id).workers == 1
        same = runs.pop("same")
        for run in runs.values():
            run.stop()
        same.resume(target_epochs=1000)
        wait_until(lambda: same.status().history.points)
    finally:
        for server in servers:
            server.kill()
            server.communicate()
    assert same.status().state == "running"
    end_soon(same)
    assert ended(same).state == "finished"
    # The dispatcher ends once its server is gone and the queue is empty.
    wait_until(lambda: not is_locked(settings.RUNS / "workers.lock"))


def test_what_trained_when_everything_ended_is_trained_on_when_a_server_starts(home):
    run, stopped = store.create(ONCE, "lost"), store.create(ONCE, "stopped")
    for each in (run, stopped):
        Worker(each).start().end("killed")
    stopped.request(desired_state="stop")
    assert dispatcher.is_needed()
    with closing(Server(home)):  # None of its pages is opened.
        wait_until(lambda: run.status().state == "finished")
    assert stopped.status().state == "killed" and not dispatcher.is_needed()


def test_the_queue_is_kept_in_order_and_can_be_changed(home):
    chosen = [store.start(QUICK, name, paused=True) for name in ("a", "b", "c", "d")]
    a, b, c, d = (run.id for run in chosen)
    assert queue.ids() == [a, b, c, d]
    assert chosen[0].status().message == "Next in the queue."
    assert chosen[2].status().message == "Third in the queue."
    queue.move(d, -2)
    chosen[1].stop()
    queue.move(a, 99)
    assert queue.ids() == [d, c, a]
    assert chosen[1].status().state == "stopped"
    assert chosen[1].status().message == "Cancelled before it started."


def test_a_dispatcher_that_ends_with_an_error_is_not_started_again_at_once(home):
    (settings.RUNS / "workers.lock").mkdir(parents=True)
    dispatcher.ensure_dispatcher()
    assert dispatcher._processes[settings.RUNS].wait(TIMEOUT) > 0
    with pytest.raises(RunError, match=r"runs/workers\.log has the reason"):
        dispatcher.ensure_dispatcher()
    assert "workers.lock" in (settings.RUNS / "workers.log").read_text()


def test_temporary_files_of_killed_processes_are_deleted(tmp_path):
    for name in (".last.safetensors.abcd_123", ".hidden", "a.b"):
        (tmp_path / name).touch()
    (tmp_path / ".new-x-20260101.abcd_123").mkdir()
    delete_temporary_files(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".hidden", "a.b", ".new-x-20260101.abcd_123"}
