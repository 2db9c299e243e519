"""The monthly price of each named set of detections, for docs/cost.md."""

from collections.abc import Iterator

from components.content.detection import choose
from lab.cost import alert_price, price_list

SETS = ("essential", "all")


def block() -> str:
    """A Markdown table: rules, their price with one time series each, and with the usual number."""
    prices = price_list.load()
    series = alert_price.EXPECTED_SERIES
    head = (
        f"| Set | Rules | {prices.currency}, 1 time series a rule | {prices.currency}, {series} |"
    )
    note = f"List prices, looked up {prices.read}."
    return "\n".join([head, "|---|---:|---:|---:|", *_rows(), "", note])


def _rows() -> Iterator[str]:
    for selection in SETS:
        chosen = choose(selection)
        least, usual = alert_price.detections(chosen, series=1), alert_price.detections(chosen)
        yield f"| `{selection}` | {len(chosen)} | {least:.2f} | {usual:.2f} |"
