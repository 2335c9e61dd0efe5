"""A throw-away PostgreSQL for the tests that want one: Debian's packages, a port of its own, nothing left behind."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres_url():
    """The URL of a database that may be emptied: `PRIMUM_POSTGRES_URL`, or a server started for this session."""
    pytest.importorskip("pg8000", reason="the PostgreSQL driver is not installed: pip install 'primum[postgres]'")
    if url := os.environ.get("PRIMUM_POSTGRES_URL"):
        yield url
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or not (programs[-1] / "initdb").exists():
        pytest.skip(
            "PostgreSQL is not installed: apt-get install postgresql, or name a database in PRIMUM_POSTGRES_URL"
        )
    folder = Path(tempfile.mkdtemp(prefix="primum-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_user = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"

    def run(program, *arguments):
        command = [*as_user, str(programs[-1] / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    run("initdb", "-A", "trust", "-U", "primum", "-E", "UTF8", "--locale=C")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+pg8000://primum@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")
        shutil.rmtree(folder)
