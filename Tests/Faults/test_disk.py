"""A disk that is full, and a database that another process has locked: callers hear UNAVAILABLE, nothing is half done, and the
service goes on when it can."""

import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import grpc
import pytest
from conftest import BINARIES, Server, expect_error, product, request_id
from millrace.catalog.v1 import catalog_service_pb2 as catalog


def create(caller, request):
    """Creates a product; the same request twice creates one."""
    return caller.catalog.CreateProduct(catalog.CreateProductRequest(
        product=product(display_name="A product with a name that takes some room " * 4), request_id=request))


def names(caller):
    found, token = [], ""
    while True:
        page = caller.catalog.ListProducts(catalog.ListProductsRequest(page_size=100, page_token=token))
        found += [one.name for one in page.products]
        token = page.next_page_token
        if not token:
            return found


def verify(data):
    done = subprocess.run([BINARIES / "millrace", "verify", "--data", data], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def small_disk():
    """A file system of a few megabytes, and a server on it."""
    folder = Path(tempfile.mkdtemp(prefix="millrace-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("mounting a file system is not possible here: " + mounted.stderr)
    server = Server(folder / "data").start()
    yield folder, server
    server.stop()
    subprocess.run(["umount", "-l", folder], check=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk(small_disk):
    folder, server = small_disk
    caller = server.caller("operator")
    made = [create(caller, request_id()).name]
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    # What the database has room for already still succeeds.
    refused = None
    for _ in range(5_000):
        attempt = request_id()
        try:
            made.append(create(caller, attempt).name)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            refused = attempt
            break
    assert refused, "the disk never was full"
    # Reading goes on, and shows what was acknowledged and no more.
    assert sorted(names(caller)) == sorted(made)
    ballast.unlink()
    made.append(create(caller, refused).name)
    assert create(caller, refused).name == made[-1]
    assert sorted(names(caller)) == sorted(made)
    assert server.stop() == 0
    verify(server.data)
    server.start()
    assert sorted(names(server.caller("operator"))) == sorted(made)


def test_a_locked_database(server):
    caller = server.caller("operator")
    made = [create(caller, request_id()).name]
    attempt = request_id()
    other = sqlite3.connect(server.data / "millrace.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        expect_error(grpc.StatusCode.UNAVAILABLE, lambda: create(caller, attempt))
        assert names(caller) == made
    finally:
        other.execute("ROLLBACK")
        other.close()
    made.append(create(caller, attempt).name)
    assert sorted(names(caller)) == sorted(made)
    server.stop()
    verify(server.data)
