"""The words of offers, rate cards and the scope, and of the rest of the terms."""

from collections.abc import Mapping

TERMS: Mapping[str, tuple[str, str, str]] = {
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
    "by_work": ("By the time worked", "По затраченному времени", "Nach Arbeitszeit"),
    "by_work_aside": (
        "By the time worked ({amount} set aside)",
        "По затраченному времени (резервируется: {amount})",
        "Nach Arbeitszeit ({amount} vorgemerkt)",
    ),
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
    "services": (
        "Services within the plans may include",
        "Услуги в тарифах могут включать",
        "Leistungen in den Plänen können sein",
    ),
    "severities": ("Severities", "Уровни важности", "Schweregrade"),
    # The rest of the terms
    "end_of_same_day": (
        "end of the same business day",
        "конец того же рабочего дня",
        "Ende desselben Werktags",
    ),
    "end_of_next_day": (
        "end of the next business day",
        "конец следующего рабочего дня",
        "Ende des nächsten Werktags",
    ),
    "end_of_day": (
        "end of the {ordinal} business day",
        "конец {ordinal}-го рабочего дня",
        "Ende des {ordinal}. Werktags",
    ),
    "hours_of": ("Hours ({name})", "Часы работы ({name})", "Zeiten ({name})"),
    "hours_business": ("Business hours", "Рабочее время", "Geschäftszeit"),
    "without_holidays": (
        "{hours}, excluding holidays",
        "{hours}, кроме праздников",
        "{hours}, außer an Feiertagen",
    ),
    "terms": ("Good to know", "Полезно знать", "Gut zu wissen"),
    "open_at_once": ("Open at once", "Одновременно открыто", "Gleichzeitig offen"),
    "urgent_month": ("Urgent in a month", "Срочных в месяц", "Dringende im Monat"),
    "tickets_month": ("Tickets in a month", "Запросов в месяц", "Anfragen im Monat"),
    "limit_for": ("{text} ({names})", "{text} ({names})", "{text} ({names})"),
    "at_most": ("{count} at most", "не более {count}", "höchstens {count}"),
    "may_ask": ("May ask", "Кто может обращаться", "Anfragen darf"),
    "named_people": (
        "{people} people that you name",
        "{people} названных вами человек",
        "{people} Personen, die Sie benennen",
    ),
    "up_to_quantity": (
        "{text}, for up to {count}",
        "{text} — до {count}",
        "{text}, bei bis zu {count}",
    ),
    "people_further": (
        "{people} more for each further {count}",
        "ещё {people} на каждые следующие {count}",
        "{people} mehr für je weitere {count}",
    ),
    "registered_addresses": (
        "registered addresses",
        "зарегистрированные адреса",
        "registrierte Adressen",
    ),
    "own_domains": (
        "addresses of your own domains",
        "адреса ваших доменов",
        "Adressen Ihrer eigenen Domains",
    ),
    "never_ends": ("Never ends", "Не сгорает", "Verfällt nie"),
    "ended_on": (
        "Supported until {day}",
        "Поддерживается до {day}",
        "Unterstützt bis {day}",
    ),
    "renewal": ("Renewal", "Продление", "Verlängerung"),
    "renews_itself": (
        "Renews itself at the end of its term",
        "Продлевается автоматически в конце срока",
        "Verlängert sich am Ende der Laufzeit von selbst",
    ),
    "renews_told": (
        "{renewal}; told of {term} before",
        "{renewal}; уведомление приходит раньше на: {term}",
        "{renewal}; angekündigt {term} vorher",
    ),
    "end_told": (
        "The end is told of {term} before",
        "О конце срока сообщается раньше на: {term}",
        "Das Ende wird {term} vorher angekündigt",
    ),
    "late_renewal": ("Late renewal", "Позднее продление", "Späte Verlängerung"),
    "late_from_end": (
        "Within {term} after the end, from that end on",
        "В течение {term} после окончания, с этого окончания",
        "Innerhalb von {term} nach dem Ende, von diesem Ende an",
    ),
    "late_from_now": (
        "Within {term} after the end, from the day that it is bought",
        "В течение {term} после окончания, со дня покупки",
        "Innerhalb von {term} nach dem Ende, vom Tag des Kaufs an",
    ),
    "late_fee": (
        "{text}; {percent} percent more",
        "{text}; дороже на {percent} %",
        "{text}; {percent} Prozent teurer",
    ),
    "cancellation": ("Cancellation", "Отмена", "Kündigung"),
    "refund_none": (
        "Nothing is paid back",
        "Деньги не возвращаются",
        "Es wird nichts erstattet",
    ),
    "refund_unused_time": (
        "What is left of the time is paid back",
        "Возвращается стоимость оставшегося времени",
        "Erstattet wird die restliche Zeit",
    ),
    "refund_unused_units": (
        "What is left of the units is paid back",
        "Возвращается стоимость неиспользованного",
        "Erstattet wird, was nicht verbraucht ist",
    ),
    "refund_lesser": (
        "What is left is paid back: of the units or of the time, whichever is less",
        "Возвращается остаток: по единицам или по времени, что меньше",
        "Erstattet wird der Rest: an Einheiten oder an Zeit, was weniger ist",
    ),
    "discount": ("Discount", "Скидка", "Rabatt"),
    "discount_text": (
        "{percent} percent off a contract of {term} or more",
        "{percent} % при договоре на {term} и более",
        "{percent} Prozent auf einen Vertrag über {term} oder länger",
    ),
    "discount_quantity_text": (
        "{percent} percent off from {quantity} bought at once",
        "{percent} % при покупке от {quantity} сразу",
        "{percent} Prozent ab {quantity} auf einmal gekauften",
    ),
    "discount_both_text": (
        "{percent} percent off a contract of {term} or more, from {quantity} bought at once",
        "{percent} % при договоре на {term} и более и покупке от {quantity} сразу",
        "{percent} Prozent auf einen Vertrag über {term} oder länger, ab {quantity} auf einmal",
    ),
    "free_units": ("Free of charge", "Бесплатно", "Kostenlos"),
    "free_units_each_text": (
        "{amount} with each software licence, to be used within {term}",
        "{amount} с каждой лицензией, на {term}",
        "{amount} mit jeder Softwarelizenz, nutzbar {term} lang",
    ),
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
}
