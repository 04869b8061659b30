"""The words of the index that a query may have meant."""

from services.chassis.search.fts5.generation import Generation
from services.chassis.search.words import typos_allowed, typos_between

CANDIDATES_MOST = 50
"""As many as Elasticsearch takes, chosen the same way."""

_SAME_LETTER = "select term from spelling_N where term >= ? and term < ? and length(term) between ? and ?"
_BEHIND_ALL = "\U0010ffff"


def candidates(generation: Generation, term: str) -> list[str]:
    """`term` itself, there or not, and the words it may be a misspelling of, the likeliest first."""
    most = typos_allowed(term)
    if most == 0:
        return [term]
    bounds = (term[0], term[0] + _BEHIND_ALL, len(term) - most, len(term) + most)
    near: list[tuple[float, str]] = []
    for (word,) in generation.execute(_SAME_LETTER, bounds):
        typos = typos_between(term, word, most)
        if 0 < typos <= most:
            near.append((typos / min(len(term), len(word)), word))
    return [term, *(word for _, word in sorted(near)[:CANDIDATES_MOST])]


def loose_match(generation: Generation, terms: list[str]) -> str:
    """An FTS5 expression: every term, or what it may have meant, in any field. Words are letters and digits alone."""
    groups = (" OR ".join(f'"{word}"' for word in candidates(generation, term)) for term in terms)
    return " AND ".join(f"({group})" for group in groups)


def exact_match(terms: list[str]) -> str:
    """An FTS5 expression: any term as it was spelt, which is what ranks a hit higher."""
    return " OR ".join(f'"{term}"' for term in terms)


def prefix_match(column: str, terms: list[str]) -> str:
    """An FTS5 expression: all terms in one column, the last one as the beginning of a word."""
    *whole, begun = terms
    wanted = [*(f'"{term}"' for term in whole), f'"{begun}"*']
    return f"{{{column}}} : ({' AND '.join(wanted)})"
