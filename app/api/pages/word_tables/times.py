"""The words of channels, and of the times that are promised."""

from collections.abc import Mapping

TIMES: Mapping[str, tuple[str, str, str]] = {
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
    "minutes_each_own": ("{minutes} for one {unit}", "{minutes} на {unit}", "{minutes} je {unit}"),
    "minutes_at_most_own": (
        "{minutes} at most for one {unit}",
        "предел на {unit}: {minutes}",
        "höchstens {minutes} je {unit}",
    ),
    "open_hours": ("Open {hours}.", "Открыто: {hours}.", "Geöffnet {hours}."),
    "open_business_hours": (
        "Open in business hours.",
        "Открыто в рабочее время.",
        "Geöffnet in der Geschäftszeit.",
    ),
    "asks_for": ("Asks for: {things}.", "Потребуется: {things}.", "Benötigt: {things}."),
    # Times
    "times": ("Times", "Сроки", "Zeiten"),
    "first_response": ("First response", "Первый ответ", "Erste Antwort"),
    "next_response": ("Next response", "Следующий ответ", "Nächste Antwort"),
    "next_update": ("Next update", "Следующее сообщение", "Nächste Nachricht"),
    "remedy": ("Remedy", "Обходное решение", "Abhilfe"),
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
}
