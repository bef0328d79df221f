"""The service on a machine of its own, as tools/deploy means it, and the proxies that stand before it."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import grpc
from certificates import Authority
from programs import Process, Program

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "tools/deploy"
ENVOY = Path(sys.executable).parent / "envoy"


class Site:
    """A folder as /etc/millrace is on a real machine, and the service behind it, which wants a client certificate."""

    def __init__(self, folder):
        self.folder = folder / "etc"
        self._data = folder / "data"
        authority = Authority(self.folder)
        authority.roots.rename(self.folder / "root.pem")
        for name in ("server", "public"):
            authority.issue(name, dns=["localhost"])
        authority.issue("proxy")
        contracts = [path for part in ("millrace", "grpc", "google/rpc")
                     for path in (REPOSITORY / "Protos" / part).rglob("*.proto")]
        subprocess.run(["protoc", "-I", REPOSITORY / "Protos", "--include_imports", "-o", self.folder / "contracts.pb",
                        *contracts], check=True)
        self.roots = self.folder / "root.pem"
        self.server = self.serve()

    def serve(self, port=0):
        return Program(
            "millrace", "serve", "--listen", f"127.0.0.1:{port}", "--data", self._data, "--log-level", "debug",
            "--tls-cert", self.folder / "server.pem", "--tls-key", self.folder / "server.key", "--tls-client-ca", self.roots)

    def configure(self, name, **places):
        """The configuration as it is delivered, for this site's folder and port; gives the file and the proxy's port."""
        port = free_port()
        text = (DEPLOY / name).read_text()
        places = {"/etc/millrace": self.folder, "50051": self.server.port, "8443": port, **places}
        assert all(place in text for place in places), f"{name} lacks one of {list(places)}"
        text = re.sub("|".join(map(re.escape, places)), lambda place: str(places[place[0]]), text)
        path = self.folder / name
        path.write_text(text)
        return path, port

    def token(self, role):
        callers = json.loads((self._data / "callers.json").read_text())
        return next(caller["token"] for caller in callers if role in caller["roles"])

    def authorization(self, role):
        return {"authorization": f"Bearer {self.token(role)}"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_envoy(site):
    path, port = site.configure("envoy.yaml")
    proxy = Process("envoy", ENVOY, "-c", path, "--concurrency", "1", "--disable-hot-restart")
    proxy.wait_for("starting workers")
    return proxy, port


def start_nginx(site):
    folder = site.folder / "nginx"
    folder.mkdir()
    # Where a user who is not root may write.
    kept = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path, port = site.configure("nginx.conf", **{"http {\n": f"http {{\n  access_log off;\n{kept}"})
    main = f"daemon off; pid {folder}/pid; error_log stderr notice;"
    proxy = Process("nginx", shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-e", "stderr", "-c", path, "-g", main)
    proxy.wait_for("start worker process ")
    return proxy, port


START = {"envoy": start_envoy, "nginx": start_nginx}


def secure_channel(site, port):
    """To a proxy of the site, over HTTP/2."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    return grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(site.roots.read_bytes()), options)
