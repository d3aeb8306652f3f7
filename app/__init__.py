"""Surety: the entitlement-and-SLA service a seller of software support runs."""
