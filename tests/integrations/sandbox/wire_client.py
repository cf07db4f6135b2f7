"""A plain HTTP client for looking at the bytes that the sandbox sends: one connection, no retries, no decoding."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class WireClient:
    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        self.headers: dict[str, str] = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        self._connection.request(method, path, body, self.headers if headers is None else headers)
        answer = self._connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def get(self, path: str, **query: object) -> Answer:
        return self.call("GET", f"/reddit{path}?{urlencode({'raw_json': 1, **query})}")

    def post(self, path: str, **form: object) -> Answer:
        return self.call("POST", f"/reddit{path}?raw_json=1", urlencode(form))

    def sign_in(self, shared: str = "sandbox", grant: str = "client_credentials") -> Answer:
        basic = base64.b64encode(f"client:{shared}".encode()).decode()
        form = urlencode({"grant_type": grant})
        answer = self.call("POST", "/reddit/api/v1/access_token", form, {"Authorization": f"Basic {basic}"})
        if answer.status == 200:
            self.headers = {"Authorization": f"bearer {answer.json().get('access_token')}"}
        return answer

    def listed(self, path: str, **query: object) -> list[dict]:
        """Follow `after` to the end and return the data of every thing."""
        found, after = [], None
        while True:
            page = self.get(path, limit=100, **query, **({"after": after} if after else {})).json()["data"]
            found += [child["data"] for child in page["children"]]
            after = page["after"]
            if after is None:
                return found

    def whole_tree(self, post_id: str, **query: object) -> dict[str, dict]:
        """Return every comment of a post by fullname, through `more` and "continue this thread"."""
        found: dict[str, dict] = {}
        left: list[str] = []
        roads = [self.get(f"/comments/{post_id}", **query).json()[1]["data"]["children"]]
        while roads or left:
            if not roads:
                asked, left = left[:100], left[100:]
                answer = self.post(
                    "/api/morechildren", link_id=f"t3_{post_id}", children=",".join(asked), api_type="json"
                )
                roads.append(answer.json()["json"]["data"]["things"])
            for thing in roads.pop():
                data = thing["data"]
                if thing["kind"] == "t1":
                    found[data["name"]] = data
                    if data["replies"]:
                        roads.append(data["replies"]["data"]["children"])
                elif data["id"] == "_":
                    below = self.get(f"/comments/{post_id}/_/{data['parent_id'][3:]}").json()
                    roads.append(below[1]["data"]["children"])
                else:
                    left += data["children"]
        return found
