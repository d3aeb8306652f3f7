"""Helpers of the tests of route table, shared with others."""

from fastapi.routing import APIRoute

from app.main import ROUTES

EVERY_ROUTE: list[APIRoute] = [
    route for resource in ROUTES for route in resource.routes.routes if isinstance(route, APIRoute)
]
