"""The contract with every field rule, `golden/rules.proto`, as PyPI's stubs, and what PyPI's protovalidate says of its messages."""

import functools
import importlib
import sys
import tempfile
from pathlib import Path

import grpc_tools
import protovalidate
from grpc_tools import protoc

TOP = Path(__file__).resolve().parents[2]


@functools.cache
def rules_pb2():
    """The stubs; made once, since protobuf registers a file's types once a process."""
    with tempfile.TemporaryDirectory(prefix="golden-stubs-") as folder:
        status = protoc.main([
            "protoc", f"-I{TOP}/Protos", f"-I{TOP}/Tests/Generator/Golden/Protos",
            f"-I{Path(grpc_tools.__file__).parent}/_proto", f"--python_out={folder}", "golden/rules.proto"])
        assert status == 0
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("golden.rules_pb2")
        finally:
            sys.path.remove(folder)


def path(field):
    """A violation's field as we write it."""
    text = ""
    for element in field.elements if field else ():
        text += ("." if text else "") + element.field_name
        subscript = element.subscript
        if subscript is not None:
            text += f"[{key(subscript.value)}]"
    return text


def key(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = ("\\" + c if c in '"\\' else f"\\u{ord(c):04x}" if c < " " else c for c in value)
        return '"' + "".join(escaped) + '"'
    return str(value)


def violations(message):
    """What protovalidate finds wrong with a message, sorted: field and reason as the details of our errors have them."""
    found = protovalidate.collect_violations(message)
    return sorted((path(v.proto.field), v.proto.rule_id.upper().replace(".", "_")) for v in found)
