"""The words of the card of a customer, and of what needs attention."""

from collections.abc import Mapping

SUMMARIES: Mapping[str, tuple[str, str, str]] = {
    # The card of a customer
    "attention": ("What needs attention", "Требует внимания", "Was Aufmerksamkeit braucht"),
    "begins_on": ("Begins on {day}", "Начнётся {day}", "Beginnt am {day}"),
    "is_suspended": ("Suspended", "Приостановлен", "Ausgesetzt"),
    "part_of": ("{part} of {whole}", "{part} из {whole}", "{part} von {whole}"),
    "until_day": ("Until {day}", "До {day} включительно", "Bis {day}"),
    "no_end": ("Without an end", "Без срока", "Ohne Ende"),
    "held": ("{amount} held", "удержано: {amount}", "{amount} vorgemerkt"),
    "renews_on": ("renews on {day}", "обновится {day}", "erneuert am {day}"),
    "cap_week": (
        "{used} of {limit} this week",
        "{used} из {limit} на этой неделе",
        "{used} von {limit} in dieser Woche",
    ),
    "cap_month": (
        "{used} of {limit} this month",
        "{used} из {limit} в этом месяце",
        "{used} von {limit} in diesem Monat",
    ),
    "open_now": ("open", "открыт", "offen"),
    "closed_until": ("closed until {time}", "закрыт до {time}", "geschlossen bis {time}"),
    "no_plan": ("No plan.", "Тарифа нет.", "Kein Plan."),
    "tickets": ("Tickets", "Обращения", "Anfragen"),
    "count_open": ("{count} open", "открыто: {count}", "{count} offen"),
    "count_paused": ("{count} paused", "на паузе: {count}", "{count} angehalten"),
    "count_at_risk": ("{count} at risk", "под угрозой: {count}", "{count} gefährdet"),
    "count_late": ("{count} late", "просрочено: {count}", "{count} verspätet"),
    "owed_by": ("{metric} due {time}", "{metric} до {time}", "{metric} bis {time}"),
    "is_paused": ("paused", "на паузе", "angehalten"),
    "sessions": ("Sessions", "Сеансы", "Termine"),
    "session_chat": ("Chat", "Чат", "Chat"),
    "session_phone": ("Phone", "Телефон", "Telefon"),
    "session_video": ("Video", "Видео", "Video"),
    "session_booked": ("booked", "назначен", "gebucht"),
    "session_running": ("running", "идёт", "läuft"),
    "as_of": ("As of {time} ({zone})", "На {time} ({zone})", "Stand {time} ({zone})"),
    # What needs attention
    "notice_overage_running": (
        "{amount} beyond the plan this month.",
        "{amount} сверх тарифа в этом месяце.",
        "{amount} über den Plan hinaus in diesem Monat.",
    ),
    "notice_dispute_open": (
        "{charges} to decide.",
        "{charges} – нужно решение.",
        "{charges} zu entscheiden.",
    ),
    "notice_suspended": (
        "{plan} is suspended.",
        "{plan}: приостановлен.",
        "{plan} ist ausgesetzt.",
    ),
    "notice_units_exhausted": (
        "{plan}: none left{again}.",
        "{plan}: ничего не осталось{again}.",
        "{plan}: nichts übrig{again}.",
    ),
    "notice_units_low": (
        "{plan}: only {left} left{again}.",
        "{plan}: осталось только {left}{again}.",
        "{plan}: nur noch {left}{again}.",
    ),
    "notice_cap_reached_week": (
        "{plan}: the week's limit is reached{again}.",
        "{plan}: недельный лимит исчерпан{again}.",
        "{plan}: die Grenze der Woche ist erreicht{again}.",
    ),
    "notice_cap_reached_month": (
        "{plan}: the month's limit is reached{again}.",
        "{plan}: месячный лимит исчерпан{again}.",
        "{plan}: die Grenze des Monats ist erreicht{again}.",
    ),
    "notice_ends_soon": (
        "{plan} ends on {day}.",
        "{plan} заканчивается {day}.",
        "{plan} endet am {day}.",
    ),
    "again_at": (" until {time}", " до {time}", " bis {time}"),
}
