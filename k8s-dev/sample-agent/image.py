"""Puts a static program as an OCI image into the storage of a registry (Debian's docker-registry), without Docker.

    image.py STORAGE REPOSITORY TAG PROGRAM       prints the image's digest

The image is the same, byte for byte, whenever the program is. The storage's layout is the registry's own: blobs by digest, and
for each repository links to the blobs that are its.
"""

import hashlib
import io
import json
import pathlib
import sys
import tarfile

storage, repository, tag, program = sys.argv[1:]
root = pathlib.Path(storage) / "docker/registry/v2"
links = root / "repositories" / repository
OCI = "application/vnd.oci.image."


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def blob(content, kind, *link):
    """Stores a blob and the repository's links to it; answers its descriptor."""
    digest = hashlib.sha256(content).hexdigest()
    write(root / "blobs/sha256" / digest[:2] / digest / "data", content)
    write(links.joinpath(*link, "sha256", digest, "link"), b"sha256:" + digest.encode())
    return {"mediaType": OCI + kind, "digest": "sha256:" + digest, "size": len(content)}


def layer():
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in ["data", "data/home-coder"]:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        file = tarfile.TarInfo("agent")
        file.mode, file.size = 0o755, pathlib.Path(program).stat().st_size
        with open(program, "rb") as executable:
            tar.addfile(file, executable)
    return content.getvalue()


files = blob(layer(), "layer.v1.tar", "_layers")
config = {
    "architecture": "amd64",
    "os": "linux",
    "config": {"Entrypoint": ["/agent"], "WorkingDir": "/data/home-coder", "ExposedPorts": {"8080/tcp": {}}},
    "rootfs": {"type": "layers", "diff_ids": [files["digest"]]},
}
manifest = {
    "schemaVersion": 2,
    "mediaType": OCI + "manifest.v1+json",
    "config": blob(json.dumps(config).encode(), "config.v1+json", "_layers"),
    "layers": [files],
}
digest = blob(json.dumps(manifest).encode(), "manifest.v1+json", "_manifests/revisions")["digest"]
for link in ["current/link", f"index/sha256/{digest.removeprefix('sha256:')}/link"]:
    write(links / "_manifests/tags" / tag / link, digest.encode())
print(digest)
