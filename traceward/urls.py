"""Addresses; the doors add theirs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
