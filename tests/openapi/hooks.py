"""What Schemathesis has to know beside the OpenAPI document: who asks, and what there is to find."""

import itertools
import os
import re
import time

import requests
import schemathesis
from schemathesis.generation.meta import TestPhase

API = os.environ["PLATEN_API"]
SITE = os.environ["PLATEN_SITE"]
PASSWORD = "correct horse battery"

# What a schema cannot say: where a URL leads, what others have chosen before, that a time has passed,
# which options contradict each other, lengths in bytes. Of valid data, this and nothing else is refused.
BEYOND_SCHEMAS = re.compile(
    r"/(url|password|new_password|expires_at|cursor|q"
    r"|options/(paper/(width|height)|margin|page_ranges|prefer_css_page_size|timezone"
    r"|wait|wait/delay_ms|header_html|footer_html|headers/.*|cookies/\d+/value))",
    re.DOTALL,
)

accounts = itertools.count()
# Of the account that asks just now.
known = {}


def call(method, path, token=None, **arguments):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, API + path, headers=headers, timeout=30, **arguments)
    answer.raise_for_status()
    return answer.json()


def finished(token, path):
    """A file that has come to its end, whichever."""
    file = call("POST", "/request", token, json={"url": SITE + path})
    deadline = time.monotonic() + 30
    while file["status"] in ("queued", "rendering"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not finished: {file}")
        time.sleep(0.02)
        file = call("GET", f"/request/{file['id']}", token)
    return file


@schemathesis.auth()
class Session:
    """Of an account of its own, and of the next one when that session has ended."""

    def get(self, case, context):
        account = {"username": f"visitor-{next(accounts)}", "password": PASSWORD}
        call("POST", "/sign-up", json=account)
        token = call("POST", "/sign-in", json=account)["token"]
        known["username"] = account["username"]
        known["ready"] = finished(token, "/simple")
        known["failed"] = finished(token, "/status/404")
        return token

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_case(context, case):
    """Half of what is valid finds something: files that are there, pages that can be printed, the right
    password. What was made wrong stays as it is."""
    made_up = len(repr((case.path_parameters, case.query, case.body))) % 2
    if made_up or not known or not case.meta.generation.mode.is_positive:
        return case
    if case.meta.phase.name == TestPhase.EXAMPLES:
        return case
    operation = case.operation.definition.raw["operationId"]
    path = {
        "getRequest": {"id": known["failed"]["id"]},
        "retryRequest": {"id": known["failed"]["id"]},
        "downloadFile": {"name": known["ready"]["name"]},
        "downloadFileHead": {"name": known["ready"]["name"]},
    }
    body = {
        "signUp": {"password": PASSWORD},
        "signIn": {"username": known["username"], "password": PASSWORD},
        "changePassword": {"current_password": PASSWORD},
        "requestPdf": {"url": SITE + "/simple"},
        "requestPdfs": {"urls": [SITE + "/simple", SITE + "/status/404"]},
    }
    if operation in path:
        case.path_parameters = path[operation]
    if isinstance(case.body, dict):
        case.body = {**case.body, **body.get(operation, {})}
    return case


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    if response.status_code != 422 or not case.meta or not case.meta.generation.mode.is_positive:
        return
    pointers = [error["pointer"] for error in response.json().get("errors", [])]
    assert pointers and all(map(BEYOND_SCHEMAS.fullmatch, pointers)), (
        f"valid data is refused: {response.text}"
    )


@schemathesis.deserializer("application/pdf")
def pdf(context, response):
    return response.content.decode("latin-1")


@schemathesis.deserializer("image/png")
def png(context, response):
    return response.content.decode("latin-1")
