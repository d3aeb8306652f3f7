"""The values of a document's offers: what each grants, costs, and gives back when it ends."""

from collections.abc import Mapping

from app.documents.form.money import ListPriceDocument, MoneyDocument, PriceShareDocument
from app.documents.form.offers import (
    AllowanceDocument,
    CarryOverDocument,
    FirstLicenceDocument,
    OfferDocument,
)
from app.documents.form.policies import EndingDocument
from app.domain.catalog.money import Money
from app.domain.catalog.offers import (
    Allowance,
    CarryOver,
    Fee,
    FreeGrant,
    ListPrice,
    Offer,
    PriceShare,
    SoldBy,
)
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Ending, Late, Renews

_NOTHING = Allowance(amount=0, unlimited=False, per="term")


def build_offer(code: str, offer: OfferDocument, plans: Mapping[str, Plan], currency: str) -> Offer:
    plan = plans.get(offer.plan or "")
    price = build_money(offer.price)
    if offer.sold == "included" and price is None:
        price = Money(0, currency)
    return Offer(
        code=code,
        plan=offer.plan,
        name=offer.name,
        description=offer.description,
        sold=offer.sold,
        price=price,
        list_price=_build_list_price(offer.list_price),
        term=offer.term,
        unit=offer.unit or ("incident" if plan is None else plan.unit),
        allowance=build_allowance(offer.allowance),
        site_bound=offer.site_bound,
        adds_calendar=offer.adds_calendar,
        carries_over=_build_carry_over(offer.carries_over),
        kind=offer.kind,
        needs=offer.needs,
        sold_by=None
        if offer.sold_by is None
        else SoldBy(offer.sold_by.name, offer.sold_by.plural, offer.sold_by.scales),
        includes=offer.includes,
        price_share=_build_price_share(offer.price_share, currency),
        fee=None if offer.fee is None else Fee(offer.fee.value(), offer.fee.each),
        opens_only=offer.opens_only,
        without_end=offer.without_end,
        seller_choice=offer.seller_choice,
    )


def _build_price_share(share: PriceShareDocument | None, currency: str) -> PriceShare | None:
    if share is None:
        return None
    return PriceShare(share.percent, share.of, build_money(share.least) or Money(0, currency))


def _build_carry_over(given: bool | CarryOverDocument) -> CarryOver | None:
    if isinstance(given, CarryOverDocument):
        return given.value()
    return CarryOver() if given else None


def build_ending(ending: EndingDocument) -> Ending:
    late, renews = ending.late, ending.renews
    return Ending(
        refund=ending.refund,
        term_ends=ending.term_ends,
        late=None if late is None else Late(late.within, late.from_, late.fee_percent),
        renews=None if renews is None else Renews(renews.automatic, renews.notice),
    )


def build_money(money: MoneyDocument | None) -> Money | None:
    return None if money is None else money.value()


def _build_list_price(price: ListPriceDocument | None) -> ListPrice | None:
    return None if price is None else ListPrice(price.value(), price.per)


def build_allowance(allowance: AllowanceDocument | None) -> Allowance:
    if allowance is None:
        return _NOTHING
    return Allowance(amount=allowance.amount, unlimited=allowance.unlimited, per=allowance.per)


def build_first_licence(
    grant: FirstLicenceDocument | None, plans: Mapping[str, Plan]
) -> FreeGrant | None:
    if grant is None:
        return None
    return FreeGrant(
        plan=grant.plan,
        unit=plans[grant.plan].unit,
        amount=grant.amount,
        term=grant.term,
        each=grant.each,
        seller_choice=grant.seller_choice,
    )
