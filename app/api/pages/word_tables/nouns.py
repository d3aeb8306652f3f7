"""Nouns as they go with a number, by Unicode's plural forms."""

from collections.abc import Mapping

NOUNS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {
    "incident": (
        {"one": "incident", "other": "incidents"},
        {"one": "инцидент", "few": "инцидента", "other": "инцидентов"},
        {"one": "Vorfall", "other": "Vorfälle"},
    ),
    "point": (
        {"one": "point", "other": "points"},
        {"one": "балл", "few": "балла", "other": "баллов"},
        {"one": "Punkt", "other": "Punkte"},
    ),
    "minute": (
        {"one": "hour", "other": "hours"},
        {"one": "час", "few": "часа", "other": "часов"},
        {"one": "Stunde", "other": "Stunden"},
    ),
    "site": (
        {"one": "store", "other": "stores"},
        {"one": "магазин", "few": "магазина", "other": "магазинов"},
        {"one": "Shop", "other": "Shops"},
    ),
    "business_hour": (
        {"one": "business hour", "other": "business hours"},
        {"one": "рабочий час", "few": "рабочих часа", "other": "рабочих часов"},
        {"one": "Geschäftsstunde", "other": "Geschäftsstunden"},
    ),
    "disputed_charge": (
        {"one": "disputed charge", "other": "disputed charges"},
        {"one": "спорное списание", "few": "спорных списания", "other": "спорных списаний"},
        {"one": "strittige Belastung", "other": "strittige Belastungen"},
    ),
    "business_day": (
        {"one": "business day", "other": "business days"},
        {"one": "рабочий день", "few": "рабочих дня", "other": "рабочих дней"},
        {"one": "Werktag", "other": "Werktage"},
    ),
}
