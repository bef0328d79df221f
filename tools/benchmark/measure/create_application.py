"""Durable CreateApplication from concurrent callers against `millrace serve`, beside raw SQLite."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import grpc
from millrace.catalog.v1 import catalog_service_pb2, catalog_service_pb2_grpc, product_pb2
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2, enterprise_service_pb2_grpc
from millrace.financing.v1 import application_pb2, financing_service_pb2
from millrace.type.v1 import money_pb2, terms_pb2

from . import loads, payloads, servers, workloads
from .table import Row

PATH = "/millrace.financing.v1.FinancingService/CreateApplication"
CALLS = 64 * 1024
RAW_REQUESTS = 64 * 1024
REQUEST_ID_BYTES = 36


def money(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="CNY", minor_units=minor_units)


def tokens(data: Path) -> dict[str, str]:
    """Bearer tokens by role, as `millrace serve` wrote them at its first start."""
    callers = json.loads((data / "callers.json").read_text())
    return {role: caller["token"] for caller in callers for role in caller["roles"]}


def prepare(server: servers.Platform) -> tuple[str, str, str]:
    """Registers and verifies an enterprise and publishes a product; their names, and the enterprise's token."""
    token = tokens(server.data)

    def caller(role: str) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {token[role]}")]

    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        enterprises = enterprise_service_pb2_grpc.EnterpriseServiceStub(channel)
        enterprise = enterprises.RegisterEnterprise(
            enterprise_service_pb2.RegisterEnterpriseRequest(
                enterprise=enterprise_pb2.Enterprise(
                    display_name="Bench Trading Co., Ltd.", credit_code="91330100799655058B"
                ),
                request_id=str(uuid4()),
            ),
            metadata=caller("enterprise"),
            timeout=10,
        )
        enterprises.VerifyEnterprise(
            enterprise_service_pb2.VerifyEnterpriseRequest(
                name=enterprise.name, etag=enterprise.etag, request_id=str(uuid4()), evidence="register extract"
            ),
            metadata=caller("operator"),
            timeout=10,
        )
        catalog = catalog_service_pb2_grpc.CatalogServiceStub(channel)
        product = catalog.CreateProduct(
            catalog_service_pb2.CreateProductRequest(product=terms(), request_id=str(uuid4())),
            metadata=caller("operator"),
            timeout=10,
        )
        catalog.TestProduct(
            catalog_service_pb2.TestProductRequest(name=product.name, etag=product.etag, request_id=str(uuid4())),
            metadata=caller("operator"),
            timeout=10,
        )
        catalog.PublishProduct(
            catalog_service_pb2.PublishProductRequest(name=product.name, request_id=str(uuid4())),
            metadata=caller("operator"),
            timeout=10,
        )
    return enterprise.name, product.name, token["enterprise"]


def terms() -> product_pb2.Product:
    return product_pb2.Product(
        display_name="Working capital",
        annual_rate_e8=4_350_000,
        min_installment_count=1,
        max_installment_count=36,
        min_amount=money(1_000_00),
        max_amount=money(10_000_000_00),
        repayment_method=terms_pb2.EQUAL_INSTALLMENT,
        day_count=terms_pb2.THIRTY_E_360,
        rounding=terms_pb2.Rounding(mode=terms_pb2.HALF_UP, multiple_of=1),
        frequency=terms_pb2.PaymentFrequency(every_months=1),
    )


def request(enterprise: str, product: str) -> bytes:
    """The framed request; its last bytes are the request id, which the callers overwrite."""
    message = financing_service_pb2.CreateApplicationRequest(
        application=application_pb2.Application(
            enterprise=enterprise,
            product=product,
            amount=money(500_000_00),
            installment_count=12,
            purpose="working capital for spring orders",
        ),
        request_id="0" * REQUEST_ID_BYTES,
    )
    encoded = message.SerializeToString(deterministic=True)
    if not encoded.endswith(b"0" * REQUEST_ID_BYTES):
        raise SystemExit("tools/bench: the request id is not the last field of CreateApplicationRequest any more")
    return payloads.framed(encoded)


def measure(
    root: Path, output: Path, rounds: int, with_ours: bool, progress: Callable[[str], None]
) -> list[Row]:
    row = Row("create-application", "calls/s", f"SQLite, {workloads.CALLERS} a commit", workloads.CREATE_APPLICATION)
    memory = Row("memory, create-application", "MiB", "–")
    body = output / "create-application.bin"
    server = None
    try:
        if with_ours:
            server = servers.Platform(root, output)
            enterprise, product, token = prepare(server)
            body.write_bytes(request(enterprise, product))
        for turn in range(rounds):
            if server:
                row.ours.append(loads.callers(output / "clients/callers", server.port, PATH, body, token, CALLS))
                memory.ours = [server.resident_mib()]
            row.theirs.append(
                loads.inserts(
                    output / "inserts", output / "raw", servers.SERVER_PROCESSOR, RAW_REQUESTS, workloads.CALLERS
                )
            )
            progress(f"create-application {turn + 1}/{rounds}: {row.ours[-1:]} beside {row.theirs[-1]:,.0f} a second")
    finally:
        if server:
            server.stop()
    return [row, memory] if server else [row]
