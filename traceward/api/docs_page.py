"""The page over the OpenAPI document, its scripts from the installed package: no network."""

from pathlib import Path

import ninja
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.static import serve

from traceward.api.problems import language_of

ASSETS = Path(ninja.__file__).parent / "static" / "ninja"
PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="data:,">
<style>
  .swagger-ui .wrapper { padding: 0 12px; }
  @media (max-width: 640px) {
    .swagger-ui .parameter__name, .swagger-ui .parameters-col_description {
      overflow-wrap: anywhere;
    }
    .swagger-ui table.parameters, .swagger-ui table.parameters tbody,
    .swagger-ui table.parameters tr, .swagger-ui table.parameters td {
      display: block; width: auto;
    }
    .swagger-ui table.parameters thead { display: none; }
    .swagger-ui table.parameters td { padding: 6px 0; }
    .swagger-ui .parameters-col_description input, .swagger-ui .parameters-col_description select {
      max-width: 100%;
    }
    .swagger-ui .opblock-body { overflow-x: auto; }
  }
</style>
<title>Traceward API</title>
</head>
<body>
<script type="application/json" id="swagger-settings">
{"url": "openapi.json?lang={lang}", "layout": "BaseLayout", "deepLinking": true,
 "docExpansion": "none"}
</script>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/swagger-ui-init.js"></script>
</body>
</html>
"""


def is_chinese(request: HttpRequest) -> bool:
    """Whether the page is asked for in Chinese: by `lang` in the address, or by the browser."""
    asked = request.GET.get("lang", "")
    return asked.startswith("zh") if asked else language_of(request) == "zh-hans"


def page(request: HttpRequest) -> HttpResponse:
    """Swagger UI over `openapi.json`, in the reader's language."""
    answer = HttpResponse(PAGE.replace("{lang}", "zh" if is_chinese(request) else "en"))
    answer["Vary"] = "Accept-Language"
    answer["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    )
    return answer


def asset(request: HttpRequest, name: str) -> HttpResponseBase:
    """One of the package's own files."""
    return serve(request, name, document_root=str(ASSETS))
