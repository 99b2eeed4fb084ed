"""The page over the OpenAPI document needs nothing from outside. # INT-02"""

import re

from django.test import Client


def test_every_file_of_the_page_is_served_from_here() -> None:
    page = Client().get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    files = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', text)
    assert len(files) == 3
    assert "http" not in text
    for file in files:
        answer = Client().get(f"/api/v1/{file}")
        assert answer.status_code == 200, file
        assert len(b"".join(answer.streaming_content)) > 500
    assert Client().get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    assert Client().get("/api/v1/docs/..%2f__init__.py").status_code == 404
