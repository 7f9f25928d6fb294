"""Validates cloud-init documents with the genuine `cloud-init schema`, many in one process.

Starting cloud-init takes a second, validating a document a few hundredths. So cloud-init is loaded once, and each document
is given to a fork of this process that runs the command as it is. One document a line on stdin, base64; one JSON
object a line on stdout: the command's exit code and what it printed. Ends with its input.
"""

import base64
import json
import os
import sys
import tempfile

import cloudinit.cmd.main as cloud_init
import cloudinit.config.schema  # loaded here, so that no fork has to


def command(document_path):
    """Runs the command in this process, and ends it with the command's exit code."""
    code = 2
    try:
        code = cloud_init.main(["cloud-init", "schema", "--config-file", document_path])
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code)
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def validate(document):
    with tempfile.NamedTemporaryFile("wb", suffix=".yaml") as file, tempfile.TemporaryFile("w+") as output:
        file.write(document)
        file.flush()
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            command(file.name)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return {"code": code, "output": output.read().replace(file.name, "the document")}


for line in sys.stdin:
    print(json.dumps(validate(base64.b64decode(line))), flush=True)
