"""Wiring."""

from contextlib import suppress
from functools import partial

from litestar.types import AnyCallable

from services.auth import timers
from services.auth.actions import passwords, staff
from services.auth.actions.staff import NewUser
from services.auth.actions.throttle import Rates, Throttle
from services.auth.api import CAPTURED, HANDLERS, Desk, provide_client
from services.auth.clients.hashing import Hasher
from services.auth.clients.vault import Vault, open_vault
from services.auth.domain.accounts import EmailTaken
from services.auth.domain.emails import normalise
from services.auth.events import subscriptions
from services.auth.settings import Settings
from services.auth.store import users
from services.auth.timers import Post
from services.chassis.database import Database
from services.chassis.mail import CapturedMailer, open_mailer
from services.chassis.service import Platform, Service
from services.chassis.worker import Timer

NAME = "auth"
DELIVER_EVERY_S = 0.5
FORGET_EVERY_S = 600.0
ANCHOR_EVERY_S = 3600.0


def build(settings: Settings, platform: Platform) -> Service:
    """One set of signing keys serves for access tokens and for auth's own calls: their `typ` keeps them apart."""
    database = platform.database
    vault = open_vault(settings.data_key, platform.keys, hasher=Hasher())
    mailer = open_mailer(settings.mail_url, sender=settings.mail_from, clock=platform.clock)
    post = Post(database, vault, mailer, site_url=settings.site_url, clock=platform.clock)
    throttle = Throttle(platform.cache, _rates(settings))
    desk = Desk(database=database, vault=vault, throttle=throttle, clock=platform.clock)
    dependencies: dict[str, AnyCallable] = {"desk": lambda: desk, "client": provide_client}
    captured = isinstance(mailer, CapturedMailer)
    if captured:
        dependencies["captured"] = lambda: mailer

    async def stop() -> None:
        vault.hasher.close()

    return Service(
        name=NAME,
        handlers=(*HANDLERS, *CAPTURED) if captured else HANDLERS,
        dependencies=dependencies,
        subscriptions=subscriptions(vault),
        timers=(
            Timer(name="deliver", every_s=DELIVER_EVERY_S, run=post.deliver),
            Timer(name="forget", every_s=FORGET_EVERY_S, run=partial(timers.forget, database, vault)),
            Timer(name="anchor", every_s=ANCHOR_EVERY_S, run=partial(timers.anchor, database)),
        ),
        start=partial(ensure_staff, settings, database, vault),
        stop=stop,
    )


def _rates(settings: Settings) -> Rates:
    return Rates(
        logins_per_account=settings.login_tries_per_account,
        logins_per_address=settings.login_tries_per_address,
        mails_per_account=settings.mails_per_account,
        mails_per_address=settings.mails_per_address,
    )


async def ensure_staff(settings: Settings, database: Database, vault: Vault) -> None:
    """The first member of staff, where settings name one and there is no such account. Raises `PasswordWeak`."""
    if settings.staff_email is None or settings.staff_password is None:
        return
    email = normalise(settings.staff_email)
    if await users.by_email(database, email.key) is not None:
        return
    hashed = await passwords.choose_hashed(vault, settings.staff_password, email_key=email.key)
    wanted = NewUser(email=email, display_name="Staff", password_hash=hashed, roles=frozenset({"staff"}), invite=False)
    with suppress(EmailTaken):  # Another process that starts just now was first.
        async with database.unit() as unit:
            await staff.create(unit, vault, wanted, actor_id=None)
