"""Every key of the configuration: section by section, with its type, range and default."""

from __future__ import annotations

from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from migrator.app.configuration.choices import (
    Billed,
    ContractsAfter,
    Creatable,
    Generation,
    InactivePeople,
    PendingPayment,
    RoundingInMoco,
)
from migrator.app.configuration.types import (
    Clock,
    CreatableWords,
    CurrencyCode,
    Day,
    EmailOrNothing,
    GenerationWord,
    InstanceName,
    MaybeTimespan,
    Names,
    SecretText,
    Share,
    Texts,
    Timespan,
    ZoneName,
)
from migrator.app.secret import Secret
from migrator.core.duration import Rounding
from migrator.core.policy import ArchivedProjects, DescriptionStyle, TaskStrategy, ZeroDuration
from migrator.core.record import SourceDeleted
from migrator.core.terms import BillingVariant

_HOSTED = ".mocoapp.com"

EXAMPLE_MOCO_URL = "https://example.mocoapp.com"
"""The default of `moco.url`: shows the form, names nobody's account."""


DEFAULT_FILES = ("export/*.xml",)
"""The default of `activecollab.files`."""


class Section(BaseModel):
    """One table of the file; unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Database(Section):
    url: str = "sqlite:///migrator.db"
    password: SecretText = Secret()

    @property
    def address(self) -> str:
        """The address with the password in it, for the one place that opens the database."""
        if not self.password:
            return self.url
        scheme, _, rest = self.url.partition("://")
        user, _, host = rest.partition("@")
        return f"{scheme}://{user}:{quote(self.password.reveal(), safe='')}@{host}"


class ActiveCollab(Section):
    instance: InstanceName = "main"
    files: Texts = DEFAULT_FILES
    url: str = ""
    token: SecretText = Secret()
    generation: GenerationWord = Generation.AUTO
    timezone: ZoneName = "UTC"
    requests_per_minute: int = Field(default=60, ge=1, le=100_000)
    timeout_seconds: float = Field(default=30, gt=0, le=3600)
    allow_http: bool = False


class Moco(Section):
    url: str = EXAMPLE_MOCO_URL
    api_key: SecretText = Secret()
    requests_per_window: int = Field(default=15, ge=1, le=100_000)
    window_seconds: int = Field(default=15, ge=1, le=3600)
    bulk_size: int = Field(default=100, ge=1, le=100)
    settle_seconds: float = Field(default=120, ge=0, le=86_400)
    concurrency: int = Field(default=4, ge=1, le=64)
    timeout_seconds: float = Field(default=30, gt=0, le=3600)

    @property
    def account(self) -> str:
        """The name a database is bound to: MOCO's subdomain, or host and port of anything else."""
        return urlsplit(self.url).netloc.lower().removesuffix(_HOSTED)

    @property
    def hosted(self) -> bool:
        """Whether `account` is what MOCO itself calls the account."""
        return urlsplit(self.url).netloc.lower().endswith(_HOSTED)


class Network(Section):
    proxy: str = ""
    ca_file: str = ""


class Mapping(Section):
    accept_exact: bool = True
    task_strategy: Annotated[TaskStrategy, Field(strict=False)] = TaskStrategy.SINGLE
    default_task: str = Field(default="ActiveCollab", min_length=1, max_length=200)
    create: CreatableWords = (Creatable.TASKS, Creatable.CONTRACTS)


class Provision(Section):
    currency: CurrencyCode = ""
    leader: EmailOrNothing = ""
    billing_variant: Annotated[BillingVariant, Field(strict=False)] = BillingVariant.PROJECT
    archive_after: bool = False
    contracts_after: Annotated[ContractsAfter, Field(strict=False)] = ContractsAfter.KEEP


class Scope(Section):
    from_: Day = Field(default=None, alias="from")
    to: Day = None
    users: Names = ()
    projects: Names = ()


class Policy(Section):
    rounding: Annotated[Rounding, Field(strict=False)] = Rounding.EXACT
    description: Annotated[DescriptionStyle, Field(strict=False)] = DescriptionStyle.PARENT_AND_BODY
    empty_description: str = Field(default="(no description)", min_length=1, max_length=500)
    min_description: int = Field(default=0, ge=0, le=500)
    zero_duration: Annotated[ZeroDuration, Field(strict=False)] = ZeroDuration.SKIP
    pending_payment: Annotated[PendingPayment, Field(strict=False)] = PendingPayment.UNDECIDED
    billed: Annotated[Billed, Field(strict=False)] = Billed.DISREGARD
    billed_reason: str = Field(default="Bereits in ActiveCollab abgerechnet", min_length=1, max_length=500)
    source_deleted: Annotated[SourceDeleted, Field(strict=False)] = SourceDeleted.REPORT
    inactive_people: Annotated[InactivePeople, Field(strict=False)] = InactivePeople.HOLD
    archived_projects: Annotated[ArchivedProjects, Field(strict=False)] = ArchivedProjects.HOLD
    tag: str = Field(default="", max_length=200)
    rounding_in_moco: Annotated[RoundingInMoco, Field(strict=False)] = RoundingInMoco.REPORT


class Gates(Section):
    max_change: Share = Fraction(30, 100)
    max_delete: Share = Fraction(1, 100)
    max_source_loss: Share = Fraction(10, 100)
    pilot_above: int = Field(default=5000, ge=0)


class Sync(Section):
    window_days: int = Field(default=45, ge=1, le=3660)
    window_every: Timespan = timedelta(hours=6)
    audit_days: int = Field(default=30, ge=1, le=3660)
    idle_every: Timespan = timedelta(hours=6)
    archived_every: Timespan = timedelta(days=7)


class Schedule(Section):
    every: MaybeTimespan = timedelta(minutes=15)
    cron: str = ""
    timezone: ZoneName = "Europe/Berlin"


class Web(Section):
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8420, ge=1, le=65_535)
    token: SecretText = Secret()
    webhook_key: SecretText = Secret()

    @property
    def webhook_keys(self) -> tuple[str, ...]:
        """The keys of `webhook_key`, parted by blanks or commas: each web hook may have its own (not documented)."""
        return tuple(self.webhook_key.reveal().replace(",", " ").split())


class Notify(Section):
    # Addresses of these services carry their credential inside.
    heartbeat_url: SecretText = Secret()
    webhook_url: SecretText = Secret()
    email_to: Texts = ()
    email_from: EmailOrNothing = ""
    smtp_url: SecretText = Secret()


class Presences(Section):
    enabled: bool = False
    day_start: Clock = time(9, 0)
    break_after: Timespan = timedelta(hours=6)
    break_length: Timespan = timedelta(minutes=30)
    after_days: int = Field(default=2, ge=0, le=366)


class Config(Section):
    """The whole configuration, checked; frozen."""

    database: Database = Database()
    activecollab: ActiveCollab = ActiveCollab()
    moco: Moco = Moco()
    network: Network = Network()
    mapping: Mapping = Mapping()
    provision: Provision = Provision()
    scope: Scope = Scope()
    policy: Policy = Policy()
    gates: Gates = Gates()
    sync: Sync = Sync()
    schedule: Schedule = Schedule()
    web: Web = Web()
    notify: Notify = Notify()
    presences: Presences = Presences()

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _path: Path | None = PrivateAttr(default=None)
    _secret_files: dict[str, Path] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path | None:
        """The file that was read; None when everything came from the environment."""
        return self._path

    def source_of(self, key: str) -> str:
        """Where the value of `section.key` came from: "file …", "environment …" or "default"."""
        return self._sources.get(key, "default")

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """The files that secrets were read from, or are to be written to by `login`."""
        return tuple(self._secret_files.values())

    @property
    def token_file(self) -> Path | None:
        """Where ActiveCollab's token is kept as a file; None when it is given in another way."""
        return self._secret_files.get("activecollab.token")

    @classmethod
    def assembled(
        cls, sections: dict[str, Section], sources: dict[str, str], path: Path | None, secret_files: dict[str, Path]
    ) -> Config:
        """A configuration of checked sections that remembers where its values came from."""
        config = cls.model_validate(sections)
        config._sources.update(sources)
        config._path = path
        config._secret_files.update(secret_files)
        return config


def sections() -> dict[str, type[Section]]:
    """The section classes by the name of their table, in the order of the file."""
    found: dict[str, type[Section]] = {}
    for name, field in Config.model_fields.items():
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, Section)
        found[name] = field.annotation
    return found


def key_names(section: type[Section]) -> dict[str, str]:
    """The keys of `section` as the file writes them, each with the name of its attribute."""
    return {field.alias or attribute: attribute for attribute, field in section.model_fields.items()}


def is_secret(section: type[Section], attribute: str) -> bool:
    """Whether the value must never be shown; such a key can also be given as `<key>_file`."""
    return section.model_fields[attribute].annotation is Secret
