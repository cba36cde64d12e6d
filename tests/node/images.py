"""Container images without a daemon: layers are tar archives, everything else is a little JSON.

Source: the OCI image format specification, image layout and manifest
"""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image"
PYTHON = "/usr/bin/python3"
# A number, since `runAsNonRoot` cannot be checked against a name.
USER = "65532:65532"


@dataclass(frozen=True)
class Image:
    """An image of one architecture, known by its digest."""

    repository: str
    layers: tuple[bytes, ...] = field(repr=False)
    command: tuple[str, ...]

    @property
    def reference(self) -> str:
        return f"{self.repository}@{digest(self.manifest())}"

    def config(self) -> bytes:
        """Describe how the image is run, and its layers as they are unpacked."""
        return encoded(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": self.command, "User": USER, "Env": ["PATH=/usr/bin"]},
                "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.layers]},
            }
        )

    def manifest(self) -> bytes:
        """Name the blobs of the image."""
        layers = [descriptor(f"{OCI}.layer.v1.tar", layer) for layer in self.layers]
        config = descriptor(f"{OCI}.config.v1+json", self.config())
        return encoded(
            {
                "schemaVersion": 2,
                "mediaType": f"{OCI}.manifest.v1+json",
                "config": config,
                "layers": layers,
            }
        )

    def index_entry(self) -> dict[str, Any]:
        """Describe the manifest under the name that containerd is to give it."""
        name = {"io.containerd.image.name": self.reference}
        return {**descriptor(f"{OCI}.manifest.v1+json", self.manifest()), "annotations": name}


def write_archive(images: Sequence[Image], file: Path) -> None:
    """Write images into one archive that `ctr images import` reads; shared layers once."""
    blobs = [blob for i in images for blob in (*i.layers, i.config(), i.manifest())]
    index = {"schemaVersion": 2, "manifests": [image.index_entry() for image in images]}
    files = {f"blobs/sha256/{digest(blob).removeprefix('sha256:')}": blob for blob in blobs}
    files["index.json"] = encoded(index)
    files["oci-layout"] = encoded({"imageLayoutVersion": "1.0.0"})
    file.write_bytes(layer(files))


def layer(files: Mapping[str, bytes]) -> bytes:
    """Pack files, by their path without the leading slash."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def python_layer() -> bytes:
    """Pack this machine's own Python: the interpreter, its library and what they link to."""
    show = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    library = Path(subprocess.check_output([PYTHON, "-c", show], text=True).strip())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as archive:
        for link in ("bin", "lib", "lib64"):
            archive.addfile(symbolic_link(link, f"usr/{link}"))
        for path in (Path(PYTHON), library, *linked_libraries(library)):
            archive.add(path, arcname=str(path).lstrip("/"), filter=needed)
    return buffer.getvalue()


def linked_libraries(library: Path) -> set[Path]:
    """Return the shared libraries that the interpreter and its modules need."""
    programs = [PYTHON, *map(str, library.glob("lib-dynload/*.so"))]
    listing = subprocess.check_output(["ldd", *programs], text=True)
    named = {Path(word) for word in listing.split() if word.startswith("/") and ":" not in word}
    return {path.parent.resolve() / path.name for path in named}


def needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what is there for building and testing Python itself."""
    name = Path(entry.name).name
    return None if name in {"test", "__pycache__"} or name.startswith("config-") else entry


def symbolic_link(path: str, target: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry


def descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(blob), "size": len(blob)}


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def encoded(document: object) -> bytes:
    return json.dumps(document, sort_keys=True).encode()
