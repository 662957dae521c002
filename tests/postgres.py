"""A PostgreSQL of its own, where one is installed: Debian's `postgresql`, or one on the path."""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

from conftest import wait_until

DEBIANS = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
BINARIES = os.pathsep.join([os.environ["PATH"], *DEBIANS])


def installed():
    """Whether there is one."""
    return shutil.which("initdb", path=BINARIES)


@contextmanager
def postgres(folder):
    """Its address, as of `VAE_DATABASE`; it is gone after that."""
    as_user = ["setpriv", "--reuid=nobody", "--clear-groups"] if os.getuid() == 0 else []
    data, log = folder / "data", folder / "log"
    data.mkdir()
    if as_user:
        for parent in (folder, *folder.parents[:3]):
            parent.chmod(0o755)
        shutil.chown(data, "nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program, *arguments, **how):
        path = shutil.which(program, path=BINARIES)
        return subprocess.Popen([*as_user, path, *arguments], cwd="/", **how)

    with log.open("wb") as output:
        made = run("initdb", "-D", data, "-A", "trust", "-U", "vae", stdout=output, stderr=output)
        assert made.wait() == 0, log.read_text()
        options = ("-c", "fsync=off", "-c", "unix_socket_directories=", "-p", str(port))
        server = run("postgres", "-D", data, *options, stdout=output, stderr=output)
    try:
        wait_until(lambda: "ready to accept connections" in log.read_text())
        yield f"postgresql+psycopg://vae@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(2)
        server.wait()
