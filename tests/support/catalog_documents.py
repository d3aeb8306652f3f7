"""Helpers of the tests of catalog documents, shared with others."""

from collections.abc import Mapping

import pytest

from app.documents.reading import InvalidCatalog, parse_catalog


def faults_of(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the places and codes of what is wrong with a document."""
    with pytest.raises(InvalidCatalog) as refused:
        parse_catalog(document)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]
