"""Surety: the entitlement-and-SLA service a seller of software support runs."""

__version__ = "0.1.0"
