import unittest

from client import Client
from mock import Mock


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.mock = Mock("--misuse=fail")
        self.addCleanup(self.mock.close)
        self.client = Client(self.mock.url, "root", "root")

    def test_logs_in_again_when_the_token_has_expired(self):
        self.client.items()
        self.client.items()
        self.mock.advance("25h")
        self.client.items()
        self.assertEqual(2, len(self.mock.journal("login")))

    def test_waits_for_an_outage(self):
        fault = self.mock.inject(effect="outage", operation="resource", times=1, retry_after="1s")
        self.assertTrue(self.client.items())
        self.assertEqual(1, self.mock.manage("GET", f"/faults/{fault}")["count"])
        self.assertEqual([503, 200], [request["status"] for request in self.mock.journal("resource")])

    def test_a_rejected_token_costs_one_login(self):
        self.client.items()
        self.mock.inject(effect="revoke", operation="resource", times=1)
        self.client.items()
        self.assertEqual([200, 401, 200], [request["status"] for request in self.mock.journal("resource")])
        self.assertEqual(2, len(self.mock.journal("login")))

    def test_no_token_in_a_url(self):
        self.client.items()
        self.assertEqual([], self.mock.manage("GET", "/misuses"))


if __name__ == "__main__":
    unittest.main()
