"""Requesters of a plan, in words: who may ask."""

from app.api.pages.words import Words
from app.domain.catalog.plans import Plan


def describe_requesters(plan: Plan, words: Words) -> str:
    """Return who may ask: "3 people that you name; addresses of your own domains"."""
    rule = plan.requesters
    if rule is None:
        return ""
    texts = []
    for up_to, people in rule.named_at_most:
        said = words("named_people", people=words.number(people))
        texts.append(
            said if up_to is None else words("up_to_quantity", text=said, count=words.number(up_to))
        )
    if rule.further is not None:
        each, more = rule.further
        texts.append(words("people_further", count=words.number(each), people=words.number(more)))
    if rule.registered:
        texts.append(words("registered_addresses"))
    if rule.domains:
        texts.append(words("own_domains"))
    text = "; ".join(texts)
    return f"{text[0].upper()}{text[1:]}"
