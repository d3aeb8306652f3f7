"""The words of prices, allowances and the rows of the plan table."""

from collections.abc import Mapping

PLANS: Mapping[str, tuple[str, str, str]] = {
    # Prices and allowances
    "price": ("Price", "Цена", "Preis"),
    "from_price": ("from {price}", "от {price}", "ab {price}"),
    "by_quote": ("By quote", "По запросу", "Auf Anfrage"),
    "included": ("Included", "Включено", "Inbegriffen"),
    "per_each": ("{price} for each {name}", "{price} за {name}", "{price} je {name}"),
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
    "most_a_month": (
        "{amount}, {most} a month at most",
        "{amount}, не более {most} в месяц",
        "{amount}, höchstens {most} im Monat",
    ),
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
        "Expires {term} after the purchase",
        "Сгорает через {term} после покупки",
        "Verfällt {term} nach dem Kauf",
    ),
    "ends_after_day_of_purchase": (
        "Expires {term} after the day of purchase",
        "Сгорает через {term} со дня покупки",
        "Verfällt {term} nach dem Kauftag",
    ),
    "carries_over": (
        "Carries over to the next month",
        "Переносится на следующий месяц",
        "Geht in den nächsten Monat über",
    ),
    "carries_over_for": (
        "Carries over for {term}",
        "Переносится на {term}",
        "Gilt weitere {term}",
    ),
    "carries_over_share": (
        "{percent} percent at most carry over, for {term}",
        "Переносится не более {percent} процентов, на {term}",
        "Höchstens {percent} Prozent gelten weitere {term}",
    ),
    "covers": ("Covers", "Действует для", "Gilt für"),
    "one_store": (
        "One {site}, by its URL",
        "1 {site}, по URL",
        "1 {site}, nach der URL",
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
    "counted": ("How time is counted", "Как считается время", "Wie Zeit gezählt wird"),
    "least_then": (
        "at least {least}, then each {step} begun",
        "не менее {least}, далее каждые начатые {step}",
        "mindestens {least}, dann je {step} angefangen",
    ),
    "steps_begun": (
        "each {step} begun",
        "каждые начатые {step}",
        "je {step} angefangen",
    ),
    "counted_over_ticket": ("of a ticket", "по запросу в целом", "je Anfrage"),
    "counted_over_day": ("of a day", "по дню в целом", "je Tag"),
    "times_urgent": ("{by} times if urgent", "×{by}, если срочно", "{by}-fach, wenn dringend"),
    "times_in": ("{by} times in: {hours}", "×{by}, когда: {hours}", "{by}-fach in: {hours}"),
    "times_outside": (
        "{by} times outside: {hours}",
        "×{by} вне: {hours}",
        "{by}-fach außerhalb von: {hours}",
    ),
    "with_least": (
        "{text}, {least} at least",
        "{text}, не менее {least}",
        "{text}, mindestens {least}",
    ),
    "rate_for": ("{text} ({name})", "{text} ({name})", "{text} ({name})"),
    "rate_if_urgent": (
        "{text}, if it is urgent",
        "{text}, если срочно",
        "{text}, wenn es dringend ist",
    ),
    "if_broken": (
        "If a time is not kept",
        "Если срок не соблюдён",
        "Wenn eine Zeit nicht gehalten wird",
    ),
    "credit_from": (
        "{metric}: from {count} in a month on, {share}",
        "{metric}: от {count} за месяц – {share}",
        "{metric}: ab {count} im Monat {share}",
    ),
    "credit_each": (
        "{metric}: {share} each time",
        "{metric}: {share} за каждый раз",
        "{metric}: je Mal {share}",
    ),
    "percent_of_month": (
        "{percent} percent of the month's price",
        "{percent} процентов месячной цены",
        "{percent} Prozent des Monatspreises",
    ),
    "topic_named": (
        "A request names its topic",
        "Запрос называет свою тему",
        "Eine Anfrage nennt ihr Thema",
    ),
    "for_who_has": (
        "For those who have: {plans}",
        "Для тех, у кого есть: {plans}",
        "Für alle mit: {plans}",
    ),
    "fee_once": ("and {fee} once", "и {fee} один раз", "und einmalig {fee}"),
    "from_answer": (
        "from the first answer on",
        "с первого ответа",
        "ab der ersten Antwort",
    ),
    "share_kept": (
        "for {percent} percent of requests",
        "для {percent} процентов запросов",
        "für {percent} Prozent der Anfragen",
    ),
    "each_more": (
        "{price} for each further {unit}",
        "{price} за каждую следующую единицу ({unit})",
        "{price} für jede weitere Einheit ({unit})",
    ),
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
}
