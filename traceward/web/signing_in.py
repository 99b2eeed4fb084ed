"""Coming in and leaving: the account and its password; few tries, each on record. # SEC-01"""

from django.contrib.auth import login, logout
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import NotAllowed, Refusal, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.signing import reauthenticated
from traceward.kernel.org.models import Person
from traceward.web.visitors import DENSITIES, LANGUAGES, THEMES, YEAR, Visitor, visitor_of

WRONG = sentence("The account or the password is wrong.")
BACKEND = "django.contrib.auth.backends.ModelBackend"
CHOICES = {"language": LANGUAGES, "theme": THEMES, "density": DENSITIES}


@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door; who is known goes on to where they wanted to be."""
    to = visitor_of(request)
    told, name = "", request.POST.get("login", "").strip()
    if request.method == "POST":
        try:
            login(request, _known(name, request.POST.get("password", ""), to), backend=BACKEND)
            return HttpResponseRedirect(_wanted(request))
        except Refusal as refusal:
            told = refusal.in_language(to.language)
    context = {"told": told, "login": name, "next": _wanted(request)}
    return render(request, "tw/sign_in.html", context, status=401 if told else 200)


def _known(name: str, password: str, to: Visitor) -> Person:
    """The active person with that account and password."""
    person = Person.objects.filter(login=name[:60], is_active=True, is_system=False).first()
    if person is None or not person.has_usable_password():
        make_password(password)  # takes as long as to compare one
        raise NotAllowed(WRONG)
    reauthenticated(person, password, Actor(person.pk, person.login, to.origin))
    return person


def _wanted(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session ends."""
    logout(request)
    return HttpResponseRedirect("/sign-in")


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Language, theme or density, kept in a cookie of this browser."""
    answer = HttpResponseRedirect(_wanted(request))
    for name, known in CHOICES.items():
        if (chosen := request.POST.get(name, "")) in known:
            answer.set_cookie(
                name, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
            )
    return answer
