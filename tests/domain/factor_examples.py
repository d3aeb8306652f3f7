"""Factors by which minutes count, at random."""

import hypothesis.strategies as st

from app.domain.catalog.counting import Factor

FRACTIONS = st.fractions(min_value=1, max_value=5, max_denominator=4)
# Of a calendar, inside its hours or outside them.
OF_CALENDAR = st.builds(Factor, by=FRACTIONS, inside=st.just("business")) | st.builds(
    Factor, by=FRACTIONS, outside=st.just("business")
)
