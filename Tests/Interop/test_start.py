"""What keeps the program from starting is said in words: what is wrong, with which path or address, and what to do."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

from certificates import Authority
from conftest import Server
from programs import BINARIES

# Words of the runtime and its libraries, which tell an operator nothing.
FOREIGN = re.compile(r"errno|Domain=|NSCocoa|NSPOSIX|SQLite|PRAGMA|SELECT|Swift|Optional\(|DecodingError|\w+\(\)|NIO|[a-z][A-Z]|0x")
USAGE = 64


def run(*arguments, **options):
    return subprocess.run([BINARIES / "millrace", *map(str, arguments)], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, **options)


def serve(data, *arguments, **options):
    listen = [] if "--listen" in arguments else ["--listen", "127.0.0.1:0"]
    return run("serve", "--data", data, *listen, *arguments, **options)


def refused(done, *said, about):
    """The program ended with status 1 and one or two lines that say all of this, and name the path or address."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    text = done.stderr.strip()
    assert 1 <= len(text.splitlines()) <= 2, text
    assert str(about) in text
    rest = text.replace(str(about), "")
    for words in said:
        assert words in rest, text
    assert not FOREIGN.search(re.sub(r"[/\w.-]*/[/\w.-]+", "", rest)), text
    assert ";" in rest, "it says what to do: " + text


@pytest.fixture
def made(data):
    """A data folder as a start leaves it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert serve(data, "--listen", f"127.0.0.1:{taken.getsockname()[1]}").returncode == 1
    return data


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


# Places to listen

@pytest.mark.parametrize("others", [[], ["--listen", "127.0.0.1:0"]])
def test_a_port_that_is_taken(data, others):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        refused(serve(data, *others, "--listen", place), "already in use", "another port", about=place)


def test_a_port_of_another_millrace(data, tmp_path):
    server = Server(data).start()
    try:
        place = f"127.0.0.1:{server.port}"
        refused(serve(tmp_path / "other", "--listen", place), "already in use", about=place)
    finally:
        server.stop()


@pytest.mark.parametrize("place,said", [
    ("203.0.113.7:50051", "not an address of this machine"), ("[2001:db8::1]:50051", "choose"),
    ("nowhere.invalid:50051", "has no address")])
def test_an_address_that_is_not_of_this_machine(data, place, said):
    refused(serve(data, "--listen", place), "cannot listen", said, about=place)


def test_a_socket_whose_path_is_too_long(data):
    place = "unix:/tmp/" + "long" * 30
    refused(serve(data, "--listen", place), "107 bytes", about=place)


def test_a_socket_in_a_folder_that_is_missing(data, tmp_path):
    place = f"unix:{tmp_path}/none/s"
    refused(serve(data, "--listen", place), "no such file or directory", "make its folder", about=place)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_socket_in_the_place_of_something_else(data, tmp_path, kind):
    path = tmp_path / "s"
    path.mkdir() if kind == "folder" else path.write_text("kept")
    place = f"unix:{path}"
    refused(serve(data, "--listen", place), "not a socket", about=place)
    assert path.is_dir() or path.read_text() == "kept"


def test_a_socket_that_another_server_listens_on(data, tmp_path):
    place = f"unix:{tmp_path}/s"
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(str(tmp_path / "s"))
        taken.listen()
        refused(serve(data, "--listen", place), "already in use", "another path", about=place)


@pytest.mark.parametrize("command,option", [("serve", "--listen"), ("watch", "--server"), ("demo", "--server"), ("describe", "--server")])
@pytest.mark.parametrize("place,said", [
    ("127.0.0.1:65536", "from 0 to 65535"), ("127.0.0.1:-1", "from 0 to 65535"), ("127.0.0.1:http", "from 0 to 65535"),
    ("127.0.0.1", "has no port"), (":50051", "has no host"), ("::1:50051", "[::1]:50051")])
def test_what_is_no_address(command, option, place, said):
    done = run(command, option, place)
    assert done.returncode == USAGE
    assert done.stderr.startswith(f"Error: The value '{place}' is invalid for '{option} ")
    assert said in done.stderr.splitlines()[0]


@pytest.mark.parametrize("setting,said", [
    ("maxConnections", "name=value"), ("maxConnections=many", "whole number"), ("maxConnections=-1", "whole number"),
    ("connections=1", "there is no limit")])
def test_what_is_no_limit(setting, said):
    done = run("serve", "--limit", setting)
    assert done.returncode == USAGE and said in done.stderr.splitlines()[0]


# The data folder

@pytest.mark.parametrize("below", ["", "/data", "/a/b"])
def test_a_file_in_the_place_of_the_data_folder(tmp_path, below):
    path = tmp_path / "file"
    path.write_text("kept")
    refused(serve(f"{path}{below}"), "cannot make the data folder", about=f"{path}{below}")
    assert path.read_text() == "kept"


@pytest.mark.parametrize("path", ["/proc/millrace", "/dev/null/millrace"])
def test_a_data_folder_that_cannot_be_made(path):
    refused(serve(path), "cannot make the data folder", about=path)


def test_a_data_folder_without_a_name(tmp_path):
    refused(serve("", cwd=tmp_path), "empty", about="data folder")
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_another_server_uses(data):
    server = Server(data).start()
    try:
        for done in (serve(data), run("verify", "--data", data)):
            refused(done, "another process serves this data folder", "end it", about=data / "millrace.lock")
    finally:
        server.stop()


def as_nobody(folder):
    """Options that run a command as a user who owns nothing; skips where that is not possible."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    nobody = dict(user=65534, group=65534, extra_groups=[])
    folder.chmod(0o755)
    for one in folder.parents:
        if not os.stat(one).st_mode & 0o001:
            pytest.skip(f"{one} is closed to others")
    try:
        assert run("version", **nobody).returncode == 0
    except PermissionError:
        pytest.skip("the program is closed to others")
    return nobody


@pytest.fixture
def open_folder():
    folder = Path(tempfile.mkdtemp(prefix="millrace-start-"))
    yield folder
    shutil.rmtree(folder)


def test_no_permission(open_folder, authority):
    nobody = as_nobody(open_folder)
    data = open_folder / "data"
    refused(serve(data, **nobody), "cannot make the data folder", "permission denied", "give the user", about=data)
    data.mkdir(mode=0o755)
    refused(serve(data, **nobody), "permission denied", about=data / "millrace.lock")
    server = Server(data).start()
    server.stop()
    callers = data / "callers.json"
    for command in (["watch"], ["demo"], ["call", "--role", "operator", "grpc.health.v1.Health/Check"]):
        refused(run(*command, "--data", data, **nobody), "permission denied", about=callers)
    refused(run("verify", "--data", data, **nobody), "permission denied", about=data / "millrace.lock")
    data.chmod(0o777)
    for name in ("millrace.lock", "millrace.keys", "millrace.db"):
        refused(serve(data, **nobody), "permission denied", about=data / name)
        os.chown(data / name, 65534, 65534)
    refused(serve(data, **nobody), "permission denied", about=callers)
    callers.chmod(0o644)
    os.chmod(data / "millrace.db", 0o400)
    refused(serve(data, **nobody), "the database", "give the user", about=data / "millrace.db")
    certificate, key = authority.issue("server", dns=["localhost"])
    shutil.copy(certificate, open_folder / "server.pem")
    shutil.copy(key, open_folder / "server.key")
    (open_folder / "server.key").chmod(0o600)
    new = open_folder / "new"
    new.mkdir()
    os.chown(new, 65534, 65534)
    refused(serve(new, "--tls-cert", open_folder / "server.pem", "--tls-key", open_folder / "server.key", **nobody),
            "permission denied", about=open_folder / "server.key")


def test_a_port_that_needs_a_privilege(open_folder):
    nobody = as_nobody(open_folder)
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 99:
        pytest.skip("every port is open to everybody here")
    os.chown(open_folder, 65534, 65534)
    refused(serve(open_folder / "data", "--listen", "127.0.0.1:99", **nobody), "permission denied", "below 1024",
            about="127.0.0.1:99")


@pytest.fixture
def disk():
    """A file system of its own, and a function that mounts it anew with options."""
    folder = Path(tempfile.mkdtemp(prefix="millrace-disk-"))

    def mount(options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)

    mounted = mount("size=1m")
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("mounting a file system is not possible here: " + mounted.stderr)
    yield folder, mount
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def fill(folder, leaving=0):
    with open(folder / "ballast", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leaving))


@pytest.mark.parametrize("room", [0, 4096, 8192, 16384, 65536])
def test_a_full_disk(disk, room):
    folder, _ = disk
    fill(folder, room)
    refused(serve(folder / "data"), "no space", "free some", about=folder / "data")
    # Nothing half made is left in the way.
    (folder / "ballast").unlink()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        refused(serve(folder / "data", "--listen", place), "already in use", about=place)


def test_a_file_system_for_reading_only(disk):
    folder, mount = disk
    Server(folder / "data").start().stop()
    assert mount("remount,ro").returncode == 0
    refused(serve(folder / "data"), "read-only file system", "mount it for writing", about=folder / "data/millrace.lock")
    refused(serve(folder / "new"), "read-only file system", about=folder / "new")
    refused(run("verify", "--data", folder / "data"), "read-only file system", about=folder / "data/millrace.lock")


# The files in it

@pytest.mark.parametrize("name", ["millrace.db", "millrace.keys", "millrace.lock", "callers.json"])
def test_a_folder_in_the_place_of_a_file(data, name):
    (data / name).mkdir(parents=True)
    refused(serve(data), "is a directory", "name a file", about=data / name)


@pytest.mark.parametrize("command", ["serve", "verify"])
@pytest.mark.parametrize("damage", [b"no database at all\n", b"\0" * 8192, "header"])
def test_a_file_that_is_no_database(made, command, damage):
    path = made / "millrace.db"
    if damage == "header":
        damage = path.read_bytes()[:100] + b"\xff" * 40_000
    for log in made.glob("millrace.db-*"):
        log.unlink()
    path.write_bytes(damage)
    options = ["--listen", "127.0.0.1:0"] if command == "serve" else []
    refused(run(command, "--data", made, *options), "not a database, or it is damaged", "backup", about=path)
    assert path.read_bytes() == damage


def test_a_database_of_another_program(data):
    data.mkdir()
    with sqlite3.connect(data / "millrace.db") as database:
        database.execute("CREATE TABLE recipe (name TEXT)")
    database.close()
    refused(serve(data), "another program", about=data / "millrace.db")
    with sqlite3.connect(data / "millrace.db") as database:
        assert database.execute("SELECT name FROM sqlite_schema").fetchall() == [("recipe",)]
    database.close()


@pytest.mark.parametrize("sets", ["store", "financing"])
def test_a_database_of_a_newer_version(made, sets):
    with sqlite3.connect(made / "millrace.db") as database:
        database.execute("INSERT INTO store_migrations VALUES (?, 99, 'what is to come', x'00', 0)", (sets,))
    database.close()
    refused(serve(made), "older than the database", about=f"{sets}/99 (what is to come)")


@pytest.mark.parametrize("command", ["serve", "verify"])
def test_a_locked_database(made, command):
    database = sqlite3.connect(made / "millrace.db", isolation_level=None)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    try:
        options = ["--listen", "127.0.0.1:0"] if command == "serve" else []
        refused(run(command, "--data", made, *options), "another process has locked", about=made / "millrace.db")
    finally:
        database.close()


GOOD_KEYS = "".join(f"{purpose} 1 {'ab' * 32}\n" for purpose in ("seal", "digest", "sign"))


@pytest.mark.parametrize("text", [
    "", "\0\1\2", "nonsense\n", GOOD_KEYS.replace("ab", "a", 1), GOOD_KEYS.replace("sign", "sing"),
    GOOD_KEYS.replace("digest", "#digest"), GOOD_KEYS + GOOD_KEYS])
def test_a_damaged_key_file(made, text):
    path = made / "millrace.keys"
    path.write_text(text)
    refused(serve(made), "is damaged", "backup", about=path)
    assert path.read_text() == text


def test_a_key_file_that_others_can_read(made):
    (made / "millrace.keys").chmod(0o644)
    refused(serve(made), "read by others", "chmod 600", about=made / "millrace.keys")


OPERATOR = {"subject": "users/a", "roles": ["operator"], "token": "t" * 32}


@pytest.mark.parametrize("text,said", [
    ("", "not JSON"), ("{", "not JSON"), ("\0\0\0", "not JSON"), ("[]", "names no caller"), ("{}", "wrong type"),
    (json.dumps([OPERATOR | {"roles": ["king"]}]), "unknown role in “roles” of caller 1; there are operator"),
    (json.dumps([OPERATOR, OPERATOR | {"roles": "operator"}]), "wrong type in “roles” of caller 2"),
    (json.dumps([OPERATOR | {"token": "short"}]), "less than 32 characters"),
    (json.dumps([OPERATOR, OPERATOR]), "the same token twice"),
    (json.dumps([{"subject": "users/a", "roles": []}]), "lacks “token” in caller 1")])
def test_a_damaged_file_of_callers(data, text, said):
    data.mkdir()
    (data / "callers.json").write_text(text)
    refused(serve(data), said, "restore it", about=data / "callers.json")
    assert (data / "callers.json").read_text() == text
    for command in (["watch"], ["demo"], ["call", "--role", "operator", "grpc.health.v1.Health/Check"]):
        refused(run(*command, "--data", data), said, about=data / "callers.json")


@pytest.mark.parametrize("command", [["watch"], ["demo"], ["call", "--role", "operator", "grpc.health.v1.Health/Check"]])
def test_commands_without_a_data_folder(data, command):
    refused(run(*command, "--data", data), "there is no file", "start the server", about=data / "callers.json")
    assert not data.exists()


def test_a_caller_of_a_role_that_nobody_has(data):
    data.mkdir()
    (data / "callers.json").write_text(json.dumps([OPERATOR]))
    done = run("call", "--role", "partner", "--data", data, "grpc.health.v1.Health/Check")
    assert done.returncode == 1 and str(data / "callers.json") in done.stderr and "partner" in done.stderr


def test_verify_makes_nothing(data):
    refused(run("verify", "--data", data), "there is no database", about=data / "millrace.db")
    assert not data.exists()
    data.mkdir()
    refused(run("verify", "--data", data), "there is no database", about=data / "millrace.db")
    assert list(data.iterdir()) == []


# TLS

@pytest.fixture
def files(authority, tmp_path):
    """Paths of PEM files, good and bad ones."""
    certificate, key = authority.issue("server", dns=["localhost"])
    _, other = authority.issue("other", dns=["localhost"])
    paths = {"certificate": certificate, "key": key, "other": other, "roots": authority.roots,
             "missing": tmp_path / "missing.pem", "folder": tmp_path / "folder", "empty": tmp_path / "empty.pem",
             "text": tmp_path / "text.pem", "cut": tmp_path / "cut.pem", "binary": tmp_path / "binary.pem",
             "locked": tmp_path / "locked.pem"}
    paths["folder"].mkdir()
    paths["empty"].write_bytes(b"")
    paths["text"].write_text("no PEM\n")
    paths["cut"].write_text(Path(certificate).read_text()[:300])
    paths["binary"].write_bytes(os.urandom(500))
    subprocess.run(["openssl", "pkey", "-in", key, "-aes128", "-passout", "pass:secret", "-out", paths["locked"]],
                   check=True, capture_output=True)
    return paths


BAD = {"missing": "no such file", "folder": "is a directory", "empty": "PEM", "text": "PEM", "cut": "PEM", "binary": "PEM"}


@pytest.mark.parametrize("bad,said", [*BAD.items(), ("key", "no certificate")])
@pytest.mark.parametrize("option", ["--tls-cert", "--tls-client-ca"])
def test_a_certificate_that_cannot_be_used(data, files, option, bad, said):
    options = {"--tls-cert": files["certificate"], "--tls-key": files["key"], option: files[bad]}
    refused(serve(data, *(each for pair in options.items() for each in pair)), said, about=files[bad])


@pytest.mark.parametrize("bad,said", [*BAD.items(), ("certificate", "no private key"), ("locked", "encrypted")])
def test_a_key_that_cannot_be_used(data, files, bad, said):
    refused(serve(data, "--tls-cert", files["certificate"], "--tls-key", files[bad]), said, about=files[bad])


@pytest.mark.parametrize("command", ["serve", "watch"])
def test_a_key_of_another_certificate(made, files, command):
    options = ["--listen", "127.0.0.1:0"] if command == "serve" else ["--tls-ca", files["roots"]]
    done = run(command, "--data", made, *options, "--tls-cert", files["certificate"], "--tls-key", files["other"])
    refused(done, "does not belong to the certificate", str(files["certificate"]), about=files["other"])


@pytest.mark.parametrize("bad,said", [*BAD.items()])
@pytest.mark.parametrize("command", [["watch"], ["demo"], ["describe"], ["call", "grpc.health.v1.Health/Check"]])
def test_roots_that_a_command_cannot_use(files, command, bad, said):
    refused(run(*command, "--tls-ca", files[bad]), said, about=files[bad])


# The process

@pytest.mark.parametrize("command", [["serve", "--listen", "127.0.0.1:0"], ["watch"], ["describe"]])
@pytest.mark.parametrize("count", [10, 20, 40])
def test_too_few_open_files(made, command, count):
    data = [] if command == ["describe"] else ["--data", made]
    done = subprocess.run(["bash", "-c", f'ulimit -n {count}; exec "$0" "$@"', BINARIES / "millrace", *command, *data],
                          capture_output=True, text=True, timeout=30)
    refused(done, f"may open {count} files", about="ulimit -n")
