"""The private folder in which one installation keeps what it writes. No Django in here."""

import base64
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

# A unix socket's path must fit into sockaddr_un.sun_path: 108 bytes on Linux, 104 on macOS.
_LONGEST_SOCKET_PATH = 100


def private_folder(path: Path) -> Path:
    """Make the folder, readable by its owner alone, and give back its absolute path."""
    path = path.resolve()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def kept_secret(path: Path) -> str:
    """The secret in this file; made at random the first time, and by one process only.

    32 random bytes in URL-safe base64: good as a Fernet key and as Django's SECRET_KEY. Raises
    ValueError when the file is there and empty: what it held is not to be replaced unnoticed.
    """
    try:
        return _secret_in(path)
    except FileNotFoundError:
        pass
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    # Written aside and linked into place: a second process starting now sees no file or a whole
    # one, and whoever links first decides for both.
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as aside:  # mode 0600
        aside.write(secret)
        aside.flush()
        os.fsync(aside.fileno())
        try:
            os.link(aside.name, path)
        except FileExistsError:
            return _secret_in(path)
    return secret


def _secret_in(path: Path) -> str:
    secret = path.read_text().strip()
    if not secret:
        raise ValueError(
            f"{path} is empty, and held a key. Put the one from the backup back; without a backup, "
            "remove the file: a new one is made, and what the old one locked is lost."
        )
    return secret


def redis_socket(data_dir: Path) -> Path:
    """Where the embedded Redis listens: in the data folder, or near when that path is too long."""
    socket = data_dir / "redis" / "redis.sock"
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH:
        return socket
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"cctv-{os.getuid()}-{mark}" / "redis.sock"
