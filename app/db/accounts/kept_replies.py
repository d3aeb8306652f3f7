"""Replies as they are stored for a retry: deflated, by what nearly all of them say.

A reply was half of what a ticket writes. Names and the values that come again and again are in a
dictionary that the deflated ones refer to; its number leads each of them, so that replies stored
by another version are read as well.
"""

import zlib

# Never changed: another one gets the next number. What is most common stands last.
_DICTIONARY = (
    b'{"session_id":"kind":"chat","starts_at":"ends_at":"minutes":"work_id":"worked_by":"reference'
    b'"purchase":{"order_id":"offer":"payment":{"status":"paid","reference":null,"total":{"amount"'
    b':"currency":"EUR"},"subscription":{"id":"quantity":1,"cancellation":null,"renews":null,"acco'
    b'unt_id":"name":"email":null,"metadata":{},"version":1,"created_at":"updated_at":"overage_rat'
    b'e":null,"caps":[],"site":null,"starts_at":"2026-","suspended":false,"promise_version":1,"tick'
    b'et_id":"account_id":"subject":"requester":null,"status":"paused","waiting_on":"customer","op'
    b'en","waiting_on":null,"outcome":null,"resolved","outcome":"solved","channel":"ticket","sever'
    b'ity":null,"urgent":false,"category":null,"topic":null,"site":null,"opened_at":"2026-","resol'
    b'ved_at":null,"split_from":null,"sequence":3,"coverage":{"subscription_id":"catalog":"catalog'
    b'_version":1,"plan":"priority":1,"region":null,"on_demand":false,"trace":[{"subscription_id":'
    b'"catalog":"plan":"site":null,"accepted":true,"code":null,"detail":"accepted"}]},"charge":{"s'
    b'tatus":"settled","unit":"point","minute","held","unit":"incident","amount":1,"held":1,"used":'
    b'0,"held":0,"used":1,"overage":0,"expected_overage":0,"expected_again":0,"overage_rate":null,'
    b'"allocations":[{"lot_id":"amount":1,"held":0,"used":1,"expires_at":"2027-","returns":[]},"di'
    b'spute":null,"deadlines":[{"metric":"next_response","resolution","first_response","strength":'
    b'"target","best_effort","guaranteed","target":"4 business hours, 24 hours","text":null,"starte'
    b'd_at":"due_at":"breaches_after":"typical_at":null,"warn_at":"at_risk":false,"status":"running'
    b'","status":"met","remaining_seconds":null,"used_seconds":0,"met_at":null,"breached_at":null,"'
    b'missed_at":null,"breach_cause":null,"excused":null,"warnings":[],"spells":[]}],"remaining":{"'
    b'unit":"incident","granted":1,"available":0,"held":0,"unlimited":false,"text":" of  incidents"'
    b',"resets_at":null,"next_expiry":{"at":"2027-","amount":1},"cap":null,"low":false,"ends_at":"2'
    b'027-","report_to":null}:00:00Z"'
)
_FIRST = b"\x01"
_RAW = -15


def pack_reply(body: bytes) -> bytes:
    """Return a reply as it is stored."""
    deflate = zlib.compressobj(1, wbits=_RAW, zdict=_DICTIONARY)
    return _FIRST + deflate.compress(body) + deflate.flush()


def unpack_reply(stored: bytes) -> bytes:
    """Return a reply that was stored, by this version or by one that stored it as it was."""
    if not stored.startswith(_FIRST):
        return stored
    inflate = zlib.decompressobj(wbits=_RAW, zdict=_DICTIONARY)
    return inflate.decompress(stored[1:]) + inflate.flush()
