"""The query as the translator gets it: what it does not know is said in what it does."""

from lab.kusto import other_functions, other_operators
from lab.kusto.binder import Bound
from lab.kusto.rewriting import Rewriting


def rewritten(bound: Bound, kql: str) -> str:
    """The text in forms that the translator knows; KustoError for what the lab cannot run."""
    rewriting = Rewriting(kql)
    for found in bound.met:
        handler = other_operators.WAYS.get(found.what) or other_functions.WAYS.get(found.what)
        if handler is not None:
            handler(rewriting, found.node, *found.details)
    return rewriting.query(bound.tree) if rewriting else kql
