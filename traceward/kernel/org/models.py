"""Parties, sites, people and their roles."""

from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from traceward.kernel.base.models import LockingQuerySet, Table, UidTable


class Named(UidTable):
    """A record known by a Chinese and an English name; either serves where the other is missing."""

    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    #: Pinyin of the Chinese name, or the English one: what lists are sorted by.
    sort_key = models.CharField(max_length=400, blank=True, db_index=True)

    class Meta:
        abstract = True

    def name(self, language: str) -> str:
        first, second = self.name_zh, self.name_en
        if not language.startswith("zh"):
            first, second = second, first
        return first or second

    @property
    def names(self) -> dict[str, str]:
        """Both, as the value of a sentence: the reader's language decides which is shown."""
        return {"zh": self.name_zh, "en": self.name_en}

    def __str__(self) -> str:
        return self.name("en")


class Party(Named):
    """Somebody who owns goods, makes them, sells them or receives them."""

    #: 统一社会信用代码 where the party has one.
    uscc = models.CharField(max_length=18, blank=True)
    gln = models.CharField(max_length=13, blank=True)
    country = models.CharField(max_length=2, default="CN")
    #: Where and by which telephone the firm is reached: records of purchase and sale keep both.
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "org_party"
        verbose_name = "party"
        constraints = (
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="org_party_uscc"),
            models.UniqueConstraint(fields=["gln"], condition=~Q(gln=""), name="org_party_gln"),
        )


class LegalEntity(UidTable):
    """One of our own firms: keeps its own books, number series and closed periods."""

    code = models.CharField(max_length=20, unique=True)
    party = models.OneToOneField(Party, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, default="CNY")

    class Meta:
        db_table = "org_legal_entity"
        verbose_name = "legal entity"


class SiteKind(models.TextChoices):
    PLANT = "plant", "plant"
    DISTRIBUTION = "distribution", "distribution centre"
    STORE = "store", "store"
    HOSPITAL = "hospital", "hospital store"


class Site(Named):
    """A plant, distribution centre, store or hospital store of one legal entity."""

    kept: ClassVar[tuple[str, ...]] = ("code", "legal_entity", "time_zone")

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=SiteKind.choices)
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    #: IANA name; days begin and lots expire by it.
    time_zone = models.CharField(max_length=60, default="Asia/Shanghai")
    gln = models.CharField(max_length=13, blank=True)

    class Meta:
        db_table = "org_site"
        verbose_name = "site"

    def day_at(self, moment: datetime) -> date:
        """The calendar day at the site: lots expire and papers count by it."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


class PersonQuerySet(LockingQuerySet["Person"]):
    def get_by_natural_key(self, login: str) -> "Person":
        return self.get(login=login)


class Person(Named, AbstractBaseUser):
    """Somebody (or one of our own jobs) that acts; never deleted, only made inactive."""

    private: ClassVar[tuple[str, ...]] = ("password",)

    login = models.CharField(max_length=60, unique=True)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    #: Somebody else set the password: it opens nothing but the page that changes it.
    must_change_password = models.BooleanField(default=False)

    def name(self, language: str) -> str:
        return super().name(language) or self.login

    USERNAME_FIELD = "login"
    # The locking manager of every table, and that of accounts.
    objects = BaseUserManager.from_queryset(PersonQuerySet)()  # type: ignore[assignment, misc]

    class Meta:
        db_table = "org_person"
        verbose_name = "person"


class Role(Named):
    """A set of permissions under the name the trade gives it, such as 复核员. # ORG-02"""

    code = models.CharField(max_length=40, unique=True)
    #: Who has it signs in with more than a password.
    needs_second_factor = models.BooleanField(default=False)

    class Meta:
        db_table = "org_role"
        verbose_name = "role"


class RolePermission(UidTable):
    """The role may use the command of this name."""

    insert_only: ClassVar[bool] = True

    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    permission = models.CharField(max_length=100)

    class Meta:
        db_table = "org_role_permission"
        constraints = (
            models.UniqueConstraint(fields=["role", "permission"], name="org_role_permission_once"),
        )


class RoleGrant(UidTable):
    """The person has the role: everywhere, in one legal entity, or at one site; until revoked."""

    kept: ClassVar[tuple[str, ...]] = (
        "person",
        "role",
        "legal_entity",
        "site",
        "granted_at",
    )

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", null=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "org_role_grant"
        verbose_name = "role grant"
        indexes = (models.Index(fields=["person", "role"], name="org_role_grant_person"),)


class ApiKey(UidTable):
    """A secret with which a program acts as a person of its own; only its hash is kept."""

    kept: ClassVar[tuple[str, ...]] = ("person", "label", "sha256", "issued_at", "expires_on")
    private: ClassVar[tuple[str, ...]] = ("sha256",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    #: What it is for, such as "WMS in Chengdu".
    label = models.CharField(max_length=60)
    sha256 = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    #: The last day it counts (UTC); null means until revoked.
    expires_on = models.DateField(null=True)
    #: To the hour.
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "org_api_key"
        verbose_name = "API key"


class FactorKind(models.TextChoices):
    APP = "app", "authenticator app"
    KEY = "key", "security key"


class SecondFactor(UidTable):
    """What a person proves at sign-in besides the password, until it is removed. # SEC-01"""

    kept: ClassVar[tuple[str, ...]] = ("person", "kind", "label", "secret", "added_at")
    private: ClassVar[tuple[str, ...]] = ("secret",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=FactorKind.choices)
    label = models.CharField(max_length=60)
    #: Enclosed: the app's secret, or the key's public credential.
    secret = models.BinaryField()
    #: The time step of the app's last code, or the key's last count: only a higher one counts.
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "org_second_factor"
        verbose_name = "second factor"


class RecoveryCode(UidTable):
    """Stands once for a second factor that is lost; only its digest is kept."""

    kept: ClassVar[tuple[str, ...]] = ("person", "digest", "issued_at")
    private: ClassVar[tuple[str, ...]] = ("digest",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    #: Used, or replaced by newer ones.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "org_recovery_code"
        verbose_name = "recovery code"


class UnknownTry(Table):
    """Somebody tried an account that there is none of; gone after some minutes."""

    deletable: ClassVar[bool] = True
    insert_only: ClassVar[bool] = True
    private: ClassVar[tuple[str, ...]] = ("digest",)

    #: Of the name as it was given: it may be a password in the wrong field.
    digest = models.BinaryField(max_length=32, db_index=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "org_unknown_try"
        verbose_name = "try of an unknown account"


class EndedBecause(models.TextChoices):
    SIGNED_OUT = "signed out", "signed out"
    BY_HAND = "by hand", "ended by hand"
    PASSWORD = "password", "password changed"  # a reason
    FACTORS = "factors", "second factors reset"
    INACTIVE = "inactive", "account deactivated"
    TIME = "time", "too long"
    DEVICE = "device", "device shared no longer"
    SWITCHED = "switched", "went on with a PIN"


class SharedDevice(UidTable):
    """A handheld or terminal that several people use in turn, until it is ended. # SEC-01"""

    kept: ClassVar[tuple[str, ...]] = ("label", "digest", "shared_by", "shared_at")
    private: ClassVar[tuple[str, ...]] = ("digest",)

    label = models.CharField(max_length=60)
    #: Of the secret that the device's browser keeps.
    digest = models.BinaryField(max_length=32, unique=True)
    shared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    shared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "org_shared_device"
        verbose_name = "shared device"


class Pin(UidTable):
    """Some digits with which a person goes on at a shared device; only a slow hash is kept."""

    kept: ClassVar[tuple[str, ...]] = ("person", "secret", "set_at")
    private: ClassVar[tuple[str, ...]] = ("secret",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    secret = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    #: Replaced by another, or removed.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "org_pin"
        verbose_name = "PIN"
        constraints = (
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="org_pin_once"
            ),
        )


class SignIn(UidTable):
    """A person signed in with a browser: from when, from where, with what, until when."""

    kept: ClassVar[tuple[str, ...]] = (
        "person",
        "signed_in_at",
        "address",
        "browser",
        "factor",
        "device",
    )

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField()
    #: To the minute.
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    #: What was proved besides the password.
    factor = models.CharField(max_length=20, blank=True)
    #: The shared device, where it is one.
    device = models.ForeignKey(SharedDevice, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, blank=True, choices=EndedBecause.choices)

    class Meta:
        db_table = "org_sign_in"
        verbose_name = "session"
        indexes = (models.Index(fields=["person", "-signed_in_at"], name="org_sign_in_person"),)
