"""One rule of each kind, for what depends on the form of a rule and not on what it looks for."""

from components.content.detection import Detection


def one_of_each_kind(found: dict[str, Detection]) -> list[str]:
    """Slugs of the first rule with each measure, operator, split and number of periods."""
    kinds: dict[object, str] = {}
    for slug, each in sorted(found.items()):
        kind = (
            each.aggregation,
            each.measure_column is None,
            each.operator,
            each.failing_periods > 1,
            len(each.dimensions) > 1,
            bool(each.dimensions),
            each.is_dynamic,
        )
        kinds.setdefault(kind, slug)
    return sorted(kinds.values())
