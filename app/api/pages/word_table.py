"""The table of page words: each key in English, Russian and German, in this order."""

from collections.abc import Mapping
from typing import Literal

LANGUAGES: tuple[Literal["en", "ru", "de"], ...] = ("en", "ru", "de")

WORDS: Mapping[str, tuple[str, str, str]] = {
    # Prices and allowances
    "price": ("Price", "Цена", "Preis"),
    "from_price": ("from {price}", "от {price}", "ab {price}"),
    "by_quote": ("By quote", "По запросу", "Auf Anfrage"),
    "included": ("Included", "Включено", "Inbegriffen"),
    "per_month": ("{price} a month", "{price} в месяц", "{price} im Monat"),
    "per_year": ("{price} a year", "{price} в год", "{price} im Jahr"),
    "per_hour": ("{price} an hour", "{price} в час", "{price} je Stunde"),
    "per_term": ("{price} a term", "{price} за срок", "{price} je Laufzeit"),
    "price_for_term": ("{price} for {term}", "{price} за {term}", "{price} für {term}"),
    "each_month": ("{amount} a month", "{amount} в месяц", "{amount} im Monat"),
    "as_agreed": ("{amount}, as agreed", "{amount}, по договорённости", "{amount}, nach Absprache"),
    "term_as_agreed": ("as agreed", "по договорённости", "nach Absprache"),
    "unlimited": ("Unlimited {units}", "{units} без ограничения", "{units} unbegrenzt"),
    "or_unlimited": (
        "{amount}, or unlimited",
        "{amount} или без ограничения",
        "{amount} oder unbegrenzt",
    ),
    "amount_to": ("{low} to {high}", "от {low} до {high}", "{low} bis {high}"),
    "under_fair_use": (
        "{amount}, under fair use",
        "{amount} в разумных пределах",
        "{amount}, bei angemessener Nutzung",
    ),
    "nothing_of_its_own": ("–", "–", "–"),
    # Rows of the plan table
    "plans": ("Plans", "Тарифы", "Pläne"),
    "allowance": ("Allowance", "Объём", "Umfang"),
    "unused": ("What is left unused", "Неиспользованный остаток", "Nicht Genutztes"),
    "ends_with_term": (
        "Ends with the term",
        "Сгорает с окончанием срока",
        "Verfällt mit der Laufzeit",
    ),
    "ends_with_month": ("Ends with its month", "Сгорает с концом месяца", "Verfällt mit dem Monat"),
    "ends_after_purchase": (
        "Expires {term} after the day of purchase",
        "Сгорает через {term} со дня покупки",
        "Verfällt {term} nach dem Kauftag",
    ),
    "carries_over": (
        "Carries over to the next month",
        "Переносится на следующий месяц",
        "Geht in den nächsten Monat über",
    ),
    "covers": ("Covers", "Действует для", "Gilt für"),
    "one_store": (
        "One store, by its URL",
        "Одного магазина, по его URL",
        "Einen Shop, nach seiner URL",
    ),
    "each_store": (
        "each further store needs another",
        "для каждого следующего нужен ещё один",
        "jeder weitere braucht einen eigenen",
    ),
    "in_one_week": ("In one week", "За одну неделю", "In einer Woche"),
    "half_at_most": ("No more than half", "Не более половины", "Höchstens die Hälfte"),
    "share_at_most": ("No more than {share}", "Не более {share}", "Höchstens {share}"),
    "more": ("More than that", "Сверх этого", "Darüber hinaus"),
    "billed_by_time": (
        "Billed separately, by the time it takes",
        "Оплачивается отдельно, по времени",
        "Gesondert berechnet, nach Zeit",
    ),
    "joins_months": (
        "{count} months' hours together",
        "Часы {count} месяцев вместе",
        "Stunden von {count} Monaten zusammen",
    ),
    "by_agreement": ("Upon agreement", "По договорённости", "Nach Absprache"),
    "urgent_requests": ("Urgent requests", "Срочные запросы", "Dringende Anfragen"),
    "expedited_bugs": (
        "Expedited bug fixes",
        "Ускоренное исправление ошибок",
        "Beschleunigte Fehlerbehebung",
    ),
    "yes": ("Yes", "Да", "Ja"),
    "no": ("–", "–", "–"),
    # Channels
    "channels": ("Channels", "Каналы", "Kanäle"),
    "best_effort": ("Best effort", "По возможности", "Nach Möglichkeit"),
    "on_request": ("On request", "По запросу", "Auf Anfrage"),
    "urgent_only": ("Urgent requests only", "Только срочные запросы", "Nur dringende Anfragen"),
    "in_business_hours": ("in business hours", "в рабочее время", "in der Geschäftszeit"),
    "minutes_each": ("{minutes} an incident", "{minutes} на инцидент", "{minutes} je Vorfall"),
    "minutes_at_most": (
        "{minutes} an incident at most",
        "предел на инцидент: {minutes}",
        "höchstens {minutes} je Vorfall",
    ),
    "open_hours": ("Open {hours}.", "Открыто: {hours}.", "Geöffnet {hours}."),
    "asks_for": ("Asks for: {things}.", "Потребуется: {things}.", "Benötigt: {things}."),
    # Times
    "times": ("Times", "Сроки", "Zeiten"),
    "first_response": ("First response", "Первый ответ", "Erste Antwort"),
    "next_response": ("Next response", "Следующий ответ", "Nächste Antwort"),
    "resolution": ("Resolution", "Решение", "Lösung"),
    "urgent_label": ("{metric}, urgent", "{metric}, срочно", "{metric}, dringend"),
    "guaranteed": ("guaranteed", "гарантировано", "garantiert"),
    "target": ("with reasonable efforts", "с разумными усилиями", "mit angemessenem Bemühen"),
    "guaranteed_alone": ("Guaranteed", "Гарантировано", "Garantiert"),
    "target_alone": ("With reasonable efforts", "С разумными усилиями", "Mit angemessenem Bemühen"),
    "when_in_hours": (
        "{span} when asked in business hours",
        "{span}, если спросить в рабочее время",
        "{span} bei Anfrage in der Geschäftszeit",
    ),
    "usually": ("usually {span}", "обычно {span}", "meist {span}"),
    "in_business_hours_only": (
        "{span} of business hours",
        "{span} рабочего времени",
        "{span} Geschäftszeit",
    ),
    "severity": (
        "Severity {level} ({name})",
        "Важность {level} ({name})",
        "Schweregrad {level} ({name})",
    ),
    "severity_bare": ("Severity {level}", "Важность {level}", "Schweregrad {level}"),
    # Offers
    "offers": ("What you can buy", "Что можно купить", "Was Sie kaufen können"),
    "offer": ("Offer", "Предложение", "Angebot"),
    "for": ("For", "Срок", "Für"),
    "with": ("With", "Объём", "Mit"),
    # Rate card
    "rate_card": ("What an issue costs", "Сколько стоит запрос", "Was eine Anfrage kostet"),
    "category": ("Category of the issue", "Категория", "Kategorie"),
    "rate_from": ("from {base}", "от {base}", "ab {base}"),
    "upon_request": ("Upon request", "По запросу", "Auf Anfrage"),
    "rate_formula": (
        "{base} + {per_unit} × {variable}",
        "{base} + {per_unit} × {variable}",
        "{base} + {per_unit} × {variable}",
    ),
    # Scope
    "in_scope": ("What support covers", "Что входит в поддержку", "Was der Support umfasst"),
    "out_of_scope": (
        "Not included: for an additional fee",
        "Не входит: за дополнительную плату",
        "Nicht enthalten: gegen Aufpreis",
    ),
    "topic_of_plans": ("only in {plans}", "только в {plans}", "nur in {plans}"),
    "services": ("Services within the plans", "Услуги в тарифах", "Leistungen in den Plänen"),
    "severities": ("Severities", "Уровни важности", "Schweregrade"),
    # The rest of the terms
    "hours_of": ("Hours ({name})", "Часы работы ({name})", "Zeiten ({name})"),
    "hours_business": ("Business hours", "Рабочее время", "Geschäftszeit"),
    "without_holidays": (
        "{hours}, excluding holidays",
        "{hours}, кроме праздников",
        "{hours}, außer an Feiertagen",
    ),
    "terms": ("Good to know", "Полезно знать", "Gut zu wissen"),
    "discount": ("Discount", "Скидка", "Rabatt"),
    "discount_text": (
        "{percent} percent off a contract of {term} or more",
        "{percent} % при договоре на {term} и более",
        "{percent} Prozent auf einen Vertrag über {term} oder länger",
    ),
    "free_units": ("Free of charge", "Бесплатно", "Kostenlos"),
    "free_units_text": (
        "{amount} with the first software licence, once, to be used within {term}",
        "{amount} с первой лицензией, один раз, на {term}",
        "{amount} mit der ersten Softwarelizenz, einmal, nutzbar {term} lang",
    ),
    "without_plan": ("Without a plan", "Без тарифа", "Ohne Plan"),
    "bugs": ("Bug reports", "Сообщения об ошибках", "Fehlermeldungen"),
    "access_data": ("Please have ready", "Понадобятся данные", "Bitte bereithalten"),
    "languages": ("Languages", "Языки", "Sprachen"),
    "contacts": ("Contacts", "Контакты", "Kontakt"),
    "chosen_mark": (
        "Not part of the published terms: chosen where they say nothing.",
        "Не из опубликованных условий: выбрано там, где они молчат.",
        "Nicht Teil der veröffentlichten Bedingungen: gewählt, wo diese nichts sagen.",
    ),
    # Joining
    "and": (" and ", " и ", " und "),
    "days_to": ("{first} to {last}", "{first} – {last}", "{first} bis {last}"),
    "days_and": ("{first} and {last}", "{first} и {last}", "{first} und {last}"),
}

# Nouns as they go with a number, by Unicode's plural forms.
COUNTED: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {
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
    "business_hour": (
        {"one": "business hour", "other": "business hours"},
        {"one": "рабочий час", "few": "рабочих часа", "other": "рабочих часов"},
        {"one": "Geschäftsstunde", "other": "Geschäftsstunden"},
    ),
    "business_day": (
        {"one": "business day", "other": "business days"},
        {"one": "рабочий день", "few": "рабочих дня", "other": "рабочих дней"},
        {"one": "Werktag", "other": "Werktage"},
    ),
}
