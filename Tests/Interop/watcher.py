"""A client that follows what happens."""

import queue
import threading

import grpc
import pytest

from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.enterprise.v1 import enterprise_service_pb2 as enterprises
from millrace.financing.v1 import financing_service_pb2 as financing


class Watcher:
    """Follows a watch in the background: of the applications, or of another kind of resource."""

    def __init__(self, caller, kind="applications", **request):
        watch, message = {
            "applications": (caller.financing.WatchApplications, financing.WatchApplicationsRequest),
            "loans": (caller.financing.WatchLoans, financing.WatchLoansRequest),
            "products": (caller.catalog.WatchProducts, catalog.WatchProductsRequest),
            "enterprises": (caller.enterprise.WatchEnterprises, enterprises.WatchEnterprisesRequest),
        }[kind]
        self.call = watch(message(**request), timeout=120)
        self.events = queue.Queue()
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        try:
            for event in self.call:
                self.events.put(event)
        except grpc.RpcError as error:
            self.events.put(error)

    def take(self, count):
        taken = [self.events.get(timeout=20) for _ in range(count)]
        for event in taken:
            assert not isinstance(event, Exception), event
        return taken

    def nothing_more(self):
        with pytest.raises(queue.Empty):
            self.events.get(timeout=0.3)
        self.call.cancel()
