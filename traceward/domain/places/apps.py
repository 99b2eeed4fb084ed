from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "traceward.domain.places"
    label = "places"
