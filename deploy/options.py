"""The options of `python -m deploy.public`, each also an environment variable."""

import argparse
import os
import re
from urllib.parse import urlsplit


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options, checked; a wrong one ends the program with a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.public",
        description="Start the app for the internet: servers behind nginx, all kept alive.",
    )

    def add(name: str, default: object, text: str, **how: object) -> None:
        variable = f"VAE_{name.upper().replace('-', '_')}"
        value = os.environ.get(variable) or default
        if how.get("nargs") and isinstance(value, str):
            value = value.split()
        shown = f"; by default {default}" if default else ""
        parser.add_argument(f"--{name}", default=value, help=f"{text}{shown} ({variable})", **how)  # type: ignore[arg-type]

    add("origin", "http://localhost:8080", "what the app's addresses begin with", nargs="+")
    add("port", None, "nginx listens on; by default that of the origin", type=int)
    add("certificate", None, "file of the TLS certificate and its chain, PEM")
    add("key", None, "file of the certificate's key, PEM")
    add("processes", os.cpu_count() or 1, "servers on this machine", type=int)
    add("first-port", 8511, "of the first server; the next have the next ones", type=int)
    add("server-memory", 1500, "MB; a server that takes more is started again", type=int)
    add("visitors", 250, "pages open at once, for each server", type=int)
    add(
        "per-address",
        300,
        "pages open at once from one address, such as that of a school",
        type=int,
    )
    add("trusted-proxy", "", "addresses of proxies in front of this one", nargs="*")
    add("servers", "", "HOST:PORT of servers started elsewhere, with --print", nargs="*")
    parser.add_argument("--print", action="store_true", help="only print nginx's configuration")

    options = parser.parse_args(arguments)
    for origin in options.origin:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", origin):
            parser.error(f"{origin!r} is no origin such as https://vae.example.org.")
    for server in options.servers:
        if not re.fullmatch(r"[\w.-]+:[0-9]+", server):
            parser.error(f"{server!r} is no server such as 10.0.0.5:8501.")
    first = urlsplit(options.origin[0])
    if bool(options.certificate) != bool(options.key):
        parser.error("A certificate needs its key, and a key its certificate.")
    if options.certificate and first.scheme != "https":
        parser.error("With a certificate, the origin begins with https://.")
    if min(options.processes, options.visitors, options.per_address, options.server_memory) < 1:
        parser.error("Numbers of processes, visitors and MB are at least 1.")
    options.port = options.port or first.port or (443 if first.scheme == "https" else 80)
    options.hosts = [str(urlsplit(origin).hostname) for origin in options.origin]
    options.ports = range(options.first_port, options.first_port + options.processes)
    if options.port in options.ports and not options.servers:
        parser.error(
            f"nginx and a server cannot both have port {options.port}: the servers have "
            f"{options.ports[0]} to {options.ports[-1]}. Choose others with --first-port."
        )
    return options
