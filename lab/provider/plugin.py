"""The provider plugins as Pulumi's CLI wants them: programs on PATH, or archives to download."""

import gzip
import io
import re
import shlex
import sys
import tarfile
from typing import Final

from components.content.places import ROOT

PACKAGES: Final = ("azure-native", "random", "command")
"""Providers that the lab stands in for."""

DOWNLOADS: Final = "/plugins"
"""Path of the control server below which the CLI finds the archives."""

_ARCHIVE: Final = re.compile(r"pulumi-resource-(?P<package>.+)-v[^-]+(-.*)?\.tar\.gz")


def program_name(package: str) -> str:
    """Of the plugin's file."""
    return f"pulumi-resource-{package}"


def script(package: str) -> str:
    """A program that passes everything on to the lab."""
    python, root = shlex.quote(sys.executable), shlex.quote(str(ROOT))
    # -P: the folder it is started in is a program's, with modules of its own.
    text = f"#!/bin/sh\nPYTHONPATH={root} exec {python} -P -m lab.provider.plugin_main {package}"
    return f'{text} "$@"\n'


def archive(file: str) -> bytes | None:
    """`pulumi-resource-random-v4.21.4-linux-amd64.tar.gz`, any version, any machine.

    None for a provider that the lab does not stand in for.
    """
    found = _ARCHIVE.fullmatch(file)
    if found is None or found["package"] not in PACKAGES:
        return None
    content = script(found["package"]).encode()
    entry = tarfile.TarInfo(program_name(found["package"]))
    entry.size, entry.mode = len(content), 0o700
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)
