"""The addresses of the pages; with them the pages are known."""

from django.urls import path

from traceward.web import home, pages, signing_in
from traceward.web.kit import documents, forms, lists

assert pages.modules, "pages declare themselves when they are imported"
urlpatterns = [
    path("", home.home),
    path("sign-in", signing_in.sign_in),
    path("sign-out", signing_in.sign_out),
    path("choose", signing_in.choose),
    path("do/<str:verb>", forms.show_form),
    path("<str:area>/<str:noun>", lists.show_list),
    path("<str:area>/<str:noun>/<str:key>", documents.show_document),
]
