"""Checks at start: configured folders can be written, configured addresses can be listened on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from services.contract.errors import BadSettings


def check_folder(variable: str, folder: Path) -> None:
    """Creates the folder if it is missing. Raises BadSettings, which names the variable, if it cannot be
    written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        why = "" if os.access(folder, os.W_OK) else "no right to write there"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    if why:
        raise BadSettings(
            f"{variable}: the folder {folder} cannot be written ({why}): "
            "name one that can be, or change its owner"
        )


def check_parent(variable: str, file: str) -> None:
    """Checks the folder of a file; does nothing for an empty path."""
    if file:
        check_folder(variable, Path(file).parent)


def cannot_listen(variables: tuple[str, str], address: str, port: int, error: OSError) -> BadSettings:
    """The error for an address and port that cannot be bound, with the names of their variables."""
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
    return BadSettings(
        f"{' and '.join(variables)}: {address}:{port} cannot be listened on ({why}): "
        "choose another port, an address of this machine, or end what has it"
    )


def listening(variables: tuple[str, str], address: str, port: int) -> socket.socket:
    """A listening socket. Raises BadSettings, which names the variables."""
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((address, port), family=family, backlog=2048)
    except OSError as error:
        raise cannot_listen(variables, address, port, error) from error
