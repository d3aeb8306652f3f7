"""Helpers of the tests of sending, shared with others."""

from uuid import UUID

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

EVENT_ID = UUID("01938a5e-0000-7000-8000-000000000001")
