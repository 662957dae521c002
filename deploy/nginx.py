"""The configuration of nginx, from its template and the options."""

import argparse
import base64
import grp
import hashlib
import os
import re
import socket
from pathlib import Path

import jinja2
from streamlit import file_util

from vae.public.quotas import QUOTAS

TEMPLATE = Path(__file__).with_name("nginx.conf.j2")


def nginx_config(options: argparse.Namespace) -> str:
    """The text of nginx.conf.

    Raises:
        socket.gaierror: the name of a server is unknown.
    """
    static = Path(file_util.get_static_dir())
    servers = options.servers or [f"127.0.0.1:{port}" for port in options.ports]
    # By number: nginx reports which server has answered, for the cookie, by number only.
    split = (server.rsplit(":", 1) for server in servers)
    servers = [f"{socket.gethostbyname(host)}:{port}" for host, port in split]
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return template.from_string(TEMPLATE.read_text()).render(
        root=_root(),
        origins=options.origin,
        names=" ".join(options.hosts),
        https=options.origin[0].startswith("https://"),
        servers=servers,
        listen=_addresses(options.port),
        redirect=_addresses(80) if options.certificate and options.port == 443 else [],
        certificate=options.certificate and Path(options.certificate).resolve(),
        key=options.key and Path(options.key).resolve(),
        trusted_proxies=options.trusted_proxy,
        static=static,
        inline_scripts=_hashes(static / "index.html"),
        upload_mb=QUOTAS.upload_megabytes + 1,  # The form around the file.
        per_address=options.per_address,
        visitors=options.visitors * len(servers),
    )


def _root() -> str:
    """Root and its group if they start nginx, which would use another user for its files."""
    return "" if os.geteuid() else f"root {grp.getgrgid(0).gr_name}"


def _addresses(port: int) -> list[str]:
    return [str(port), f"[::]:{port}"] if socket.has_dualstack_ipv6() else [str(port)]


def _hashes(page: Path) -> str:
    """What a policy has to name for the scripts in Streamlit's page to run."""
    scripts = re.findall("<script>(.*?)</script>", page.read_text(), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
