"""Who is in the demonstration shop, and how they log in."""

from dataclasses import dataclass
from typing import Final

from services.launch.seed.workshops import WORKSHOPS, Workshop

PASSWORD: Final = "souk-demo-2026"  # noqa: S105 - printed at the start of every demonstration.
STAFF_EMAIL: Final = "staff@souk.example"


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account of the demonstration."""

    email: str
    name: str
    street: str
    city: str
    postal_code: str
    country: str


BUYERS: Final = tuple(
    Person(
        email=f"{name.split()[0].lower()}@souk.example",
        name=name,
        street=street,
        city=city,
        postal_code=code,
        country=country,
    )
    for name, street, city, code, country in (
        ("Ada Bauer", "Lindenstrasse 12", "Berlin", "10969", "DE"),
        ("Bruno Costa", "Rua da Rosa 4", "Lisboa", "1200-382", "PT"),
        ("Clara Jensen", "Vestergade 31", "Aarhus", "8000", "DK"),
        ("David Murphy", "Camden Street 9", "Dublin", "D02 XE80", "IE"),
        ("Elena Rossi", "Via Garibaldi 77", "Torino", "10122", "IT"),
        ("Farid Amrani", "Rue des Martyrs 18", "Paris", "75009", "FR"),
        ("Greta Svensson", "Storgatan 5", "Malmö", "211 42", "SE"),
        ("Hugo de Vries", "Prinsengracht 263", "Amsterdam", "1016 GV", "NL"),
    )
)


def email_of(workshop: Workshop) -> str:
    """The seller's log-in."""
    return f"{workshop.slug}@souk.example"


SELLER_EMAILS: Final = tuple(email_of(workshop) for workshop in WORKSHOPS)
