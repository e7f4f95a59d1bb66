"""Which films answer a query, and how well: BM25F over the fields, then what titles and fame say.

Each word t of the query stands for itself and, at a share below 1, for words that were perhaps
meant (typing errors; while it is being typed, words that begin so). Of a film, with w the weight of
a field and tf the term frequency that its length is taken out of (`search_postings.weights`):

    p(t)     = sum over the meant words m and the fields f of share(m) * w(f) * tf(m, f)
    text     = sum over t of idf(t) * p(t) / (k1 + p(t))            BM25F
    coverage = share of the query, by idf, that the film has
    title    = (share of the query, by idf, in the title) ** 2 * share of the title in the query
    beside   = sum over neighbours of the query that stand side by side in a film, of the lesser idf
    score    = text + title * T + beside * B + fame * F * coverage

BM25F: Zaragoza et al., Microsoft Cambridge at TREC-13 (2004); Robertson and Zaragoza, The
Probabilistic Relevance Framework: BM25 and Beyond (2009). `python -m benchmarks search` measures
the formula, and what it was chosen among.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Rows
from filmkin.search.fields import LAST_POSITION
from filmkin.search.postings import Postings, fields_named
from filmkin.search.query import Condition, Query, written
from filmkin.selection import Mask

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Formula:
    """What weighs how much; see above."""

    fields: Mapping[str, float] = field(
        default_factory=lambda: {
            "title": 3.0,
            "original_title": 2.0,
            "alternative_title": 1.5,
            "person": 1.5,
            "genre": 0.8,
            "keyword": 1.0,
            "overview": 2.5,
            "year": 1.0,
        }
    )
    k1: float = 1.0
    title: float = 16.0
    beside: float = 0.6
    fame: float = 1.5
    #: of a word that is so many edits away, where the typed one is in no film, and where it is
    near: tuple[float, float, float] = (1.0, 0.8, 0.5)
    near_known: tuple[float, float, float] = (1.0, 0.3, 0.1)
    begun: float = 0.8
    #: share of the best coverage below which a film is not found
    least: float = 0.5


class Meant(NamedTuple):
    """Words that may have been meant, by their numbers from `term` to `end` - 1; mostly one."""

    term: int
    end: int
    share: float


class Ranking(NamedTuple):
    """The k films that answer: rows (k,) ascending, and scores (k,), the more the better.

    `terms` are the words by which they were found, for marking them.
    """

    rows: Rows
    scores: Scores
    terms: frozenset[str]


# Of a query of so many words, those that some film has are taken as they are.
_MANY_WORDS = 8
# Other queries that are told, and the letters of a word that nobody knows by which one is found.
_MOST_OTHER = 5
_MOST_CORRECTED = 12
_BEGINNING = 3
# Letters of each of two words that are written together.
_SHORTEST_PART = 3
# So many words that are nearly the typed one are looked for.
_MOST_NEAR = 12
# Words that begin as typed: so many are marked.
_MOST_MARKED = 100
_TITLES = ("title", "original_title")
_SIDE_BY_SIDE = (
    "title",
    "original_title",
    "alternative_title",
    "person",
    "keyword",
    "overview",
)
# Films that are looked at for neighbours of the query: the best without.
_MOST_BESIDE = 1_000


class Ranker:
    """Ranks n films. `fame` (n,) from 0 to 1 is how well known each is."""

    def __init__(self, postings: Postings, fame: Scores, formula: Formula | None = None) -> None:
        self.postings = postings
        self._formula = formula or Formula()
        self.fame = fame
        self._weights = np.zeros(256, dtype=np.float32)
        for name, weight in self._formula.fields.items():
            self._weights[postings.field(name)] = weight
        self._titles = [postings.field(name) for name in _TITLES]
        self._title_lengths = [self._lengths(title) for title in self._titles]
        self._beside = fields_named(postings, _SIDE_BY_SIDE)

    def _lengths(self, field: int) -> Scores:
        """How many words each film has in a field of one text; 1 where it has none."""
        postings = self.postings
        occurrences = np.repeat(postings.list_fields == field, np.diff(postings.offsets))
        lengths = np.ones(postings.film_count, dtype=np.int16)
        behind = postings.positions[occurrences] + np.int16(1)
        np.maximum.at(lengths, postings.rows[occurrences], behind)
        return lengths.astype(np.float32)

    def rank(self, query: Query, allowed: Mask | None = None) -> Ranking:
        """The films that answer, among those that are allowed; without words all of these."""
        for condition in query.conditions:
            holds = self._holding(condition)
            holds = ~holds if condition.is_excluded else holds
            allowed = holds if allowed is None else allowed & holds
        if not query.words:
            some = np.ones(len(self.fame), dtype=bool) if allowed is None else allowed
            rows = np.flatnonzero(some).astype(np.int32)
            return Ranking(rows, self.fame[rows], frozenset())
        words = [part for word in query.words for part in self._parted(word)]
        # Of many words enough is known: what else is near would only add noise.
        meant = [self.meant(word, is_enough=len(words) >= _MANY_WORDS) for word in words]
        if query.is_typing and not words[-1].isdigit():  # so many numbers begin alike
            meant[-1] = self._begun(words[-1], meant[-1])
        idfs = [self._idf(words) for words in meant]
        sums = self._summed(meant, idfs, allowed)
        rows = sums.answering(self._formula.least * _ROUNDED, allowed)
        scores = self._scores(rows, sums, sum(idfs))
        self._add_beside(rows, scores, meant, idfs)
        return Ranking(rows, scores, frozenset(self._marked(meant)))

    def other_queries(self, query: Query, *, is_answered: bool) -> list[str]:
        """What may have been meant where a word is in no film; where nothing is found, less."""
        vocabulary = self.postings.vocabulary
        if len(query.words) > _MOST_CORRECTED:
            return []
        spelled = {word: " ".join(self._spelled(word)) for word in query.words}
        if query.is_typing and vocabulary.beginning_with(query.words[-1]):
            del spelled[query.words[-1]]
        instead = {word: other for word, other in spelled.items() if word != other}
        found = [written(query, instead)] if instead else []
        if not is_answered:
            found.append(" ".join(spelled.get(word, word) for word in query.words))
            found += self._fewer(query.words)
        asked = written(query, {})
        return [text for text in dict.fromkeys(found) if text not in ("", asked)][:_MOST_OTHER]

    def _fewer(self, words: Sequence[str]) -> list[str]:
        """Each of several words alone, the most telling first; of unknown ones others alike."""
        vocabulary = self.postings.vocabulary
        numbers = [number for word in words if (number := vocabulary.number(word)) is not None]
        if numbers:
            numbers = numbers if len(words) > 1 else []
            return [vocabulary[n] for n in sorted(numbers, key=lambda n: -self.postings.idf[n])]
        begun = [vocabulary.beginning_with(word[:_BEGINNING]) for word in words]
        most = [r.start + int(np.argmax(vocabulary.films[r.start : r.stop])) for r in begun if r]
        return [vocabulary[number] for number in most]

    def _spelled(self, word: str) -> Sequence[str]:
        """What an unknown word most likely is; a known one itself."""
        if self.postings.vocabulary.number(word) is not None:
            return [word]
        parts = self._parted(word)
        if len(parts) == 1 and (meant := self.meant(word)):
            return [self.postings.vocabulary[meant[0].term]]
        return parts

    def meant(self, word: str, *, is_enough: bool = False) -> list[Meant]:
        """What may have been meant by a word: itself first, if any film has it, and enough then."""
        vocabulary, formula = self.postings.vocabulary, self._formula
        number = vocabulary.number(word)
        if number is not None and is_enough:
            return [Meant(number, number + 1, 1.0)]
        shares = formula.near if number is None else formula.near_known
        near = [
            Meant(term, term + 1, shares[edits])
            for term, edits in vocabulary.near(word, _MOST_NEAR)
        ]
        return near if number is None else [Meant(number, number + 1, 1.0), *near]

    def _parted(self, word: str) -> Sequence[str]:
        """The two words that an unknown one is written together of, that stand side by side in a
        film: "starwars"; else the word.
        """
        number = self.postings.vocabulary.number
        if len(word) < 2 * _SHORTEST_PART or number(word) is not None:
            return [word]
        pairs = [
            (word[:at], word[at:])
            for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
            if number(word[:at]) is not None and number(word[at:]) is not None
        ]
        films = [int(self._holding(Condition(pair)).sum()) for pair in pairs]
        most = max(films, default=0)
        return pairs[films.index(most)] if most else [word]

    def _begun(self, word: str, meant: list[Meant]) -> list[Meant]:
        """With the words that begin so."""
        words = self.postings.vocabulary.beginning_with(word)
        exact = [one for one in meant if one.share == 1 and one.term in words]
        rest = words[1:] if exact else words
        begun = [Meant(rest.start, rest.stop, self._formula.begun)] if rest else []
        return exact + begun + [one for one in meant if one not in exact]

    def _idf(self, words: Sequence[Meant]) -> float:
        """Of the typed word where there is one, else of all together that may have been meant."""
        if words and words[0].share == 1 and words[0].end == words[0].term + 1:
            return float(self.postings.idf[words[0].term])
        films = sum(int(self.postings.vocabulary.films[w.term : w.end].sum()) for w in words)
        films = min(films, self.postings.film_count)
        return float(np.log1p((self.postings.film_count - films + 0.5) / (films + 0.5)))

    def _summed(
        self, meant: Sequence[Sequence[Meant]], idfs: Sequence[float], allowed: Mask | None
    ) -> "_Sums":
        """What the words add to the films, the most telling words first.

        Films that have none of the words before are left out once they can no longer answer, and
        of words that only begin so or nearly are so, where they are very many.
        """
        sums = _Sums(self.postings.film_count, len(self._titles), self._formula.k1)
        least = self._formula.least * _ROUNDED
        rest = sum(idfs)
        active = allowed
        for place in sorted(range(len(meant)), key=lambda place: -idfs[place]):
            if rest < least * sums.best:
                active = sums.having_some(allowed)
            for word in sorted(meant[place], key=lambda word: word.share):
                is_vague = sums.best and word.share < 1 and self._count(word) > _MOST_VAGUE
                among = sums.having_some(allowed) if is_vague else active
                rows, fields, weights, _ = self._occurrences(word, among)
                weights = weights * self._weights[fields] * np.float32(word.share)
                sums.stand(rows, weights, word.share)
                for number, title in enumerate(self._titles):
                    sums.stand_in_title(number, rows[fields == title], word.share)
            sums.end_of_word(idfs[place], allowed)
            rest -= idfs[place]
        return sums

    def _count(self, word: Meant) -> int:
        first, last = self.postings.bounds(word.term, word.end)
        return last - first

    def _occurrences(
        self, word: Meant, active: Mask | None
    ) -> tuple[Rows, NDArray[np.uint8], Scores, NDArray[np.int16]]:
        """Where a word stands in active films: rows, fields, weights and positions."""
        postings = self.postings
        if active is None:
            span, fields = postings.span(word.term, word.end)
            rows = postings.rows[span]
            return rows, fields, postings.weights[span], postings.positions[span]
        first, last = postings.bounds(word.term, word.end)
        kept = np.flatnonzero(active[postings.rows[first:last]]) + first
        fields = postings.fields_of(kept, word.term, word.end)
        return postings.rows[kept], fields, postings.weights[kept], postings.positions[kept]

    def _scores(self, rows: Rows, sums: "_Sums", total: float) -> Scores:
        """(k,) all but what stands side by side; `total` is the idf of the whole query."""
        formula = self._formula
        coverage = sums.coverage[rows] / np.float32(total)
        title = np.zeros(len(rows), np.float32)
        for number, lengths in enumerate(self._title_lengths):
            of_query = sums.in_titles[number][rows] / np.float32(total)
            of_title = np.minimum(sums.of_titles[number][rows] / lengths[rows], 1)
            np.maximum(title, of_query**2 * of_title, out=title)
        scores: Scores = sums.text[rows]
        scores += np.float32(formula.title) * title
        scores += np.float32(formula.fame) * self.fame[rows] * coverage
        return scores

    def _add_beside(
        self,
        rows: Rows,
        scores: Scores,
        meant: Sequence[Sequence[Meant]],
        idfs: Sequence[float],
    ) -> None:
        """Add to the best scores what neighbours of the query are worth that stand side by side."""
        if len(meant) < _PAIR or not len(rows):
            return
        best = np.arange(len(rows))
        if len(rows) > _MOST_BESIDE:
            best = np.argpartition(-scores, _MOST_BESIDE)[:_MOST_BESIDE]
        active = np.zeros(self.postings.film_count, dtype=bool)
        active[rows[best]] = True
        places = [self._places(words, self._beside, active) for words in meant]
        for place, (ones, nexts) in enumerate(pairwise(places)):
            found = np.unique(_followed(ones, nexts) >> _PLACE_BITS)
            least = min(idfs[place : place + _PAIR])
            scores[np.searchsorted(rows, found)] += np.float32(self._formula.beside * least)

    def _marked(self, meant: Sequence[Sequence[Meant]]) -> list[str]:
        vocabulary = self.postings.vocabulary
        return [
            vocabulary[term]
            for words in meant
            for one in words
            for term in range(one.term, min(one.end, one.term + _MOST_MARKED))
        ]

    def _holding(self, condition: Condition) -> Mask:
        """The films for which a condition holds, were it not marked with a minus."""
        postings = self.postings
        named = postings.fields if condition.field is None else [condition.field]
        fields = fields_named(postings, named)
        places = self._places(self._required(condition, condition.words[0]), fields)
        for word in condition.words[1:]:
            places = _followed(places, self._places(self._required(condition, word), fields)) + 1
        holds = np.zeros(postings.film_count, dtype=bool)
        holds[places >> _PLACE_BITS] = True
        return holds

    def _required(self, condition: Condition, word: str) -> list[Meant]:
        """A word itself; where no film has it and it is not excluded, those that it may be."""
        number = self.postings.vocabulary.number(word)
        if number is not None:
            return [Meant(number, number + 1, 1.0)]
        return [] if condition.is_excluded else self.meant(word)

    def _places(
        self, words: Sequence[Meant], fields: NDArray[np.bool_], active: Mask | None = None
    ) -> NDArray[np.int64]:
        """Where words stand, as one number each: film, field, position; sorted."""
        found = [np.zeros(0, dtype=np.int64)]
        for word in words:
            rows, listed, _, positions = self._occurrences(word, active)
            kept = fields[listed]
            places = (rows[kept].astype(np.int64) << _FIELD_BITS) | listed[kept]
            found.append((places << _POSITION_BITS) | positions[kept])
        return np.unique(np.concatenate(found))


# The share of all films from which on a word is in many.
_MANY = 0.05


class _Sums:
    """What is added up over n films word by word; each step costs as much as it has occurrences."""

    def __init__(self, n: int, titles: int, k1: float) -> None:
        self.text = np.zeros(n, np.float32)
        #: idf of the words that a film has, at their shares
        self.coverage = np.zeros(n, np.float32)
        self.in_titles = [np.zeros(n, np.float32) for _ in range(titles)]  # the same, of a title
        self.of_titles = [np.zeros(n, np.float32) for _ in range(titles)]  # shares without idf
        #: the most that an allowed film has of `coverage`
        self.best = 0.0
        self._k1 = np.float32(k1)
        # Of the word at hand; 0 again when it ends.
        self._p = np.zeros(n, np.float32)
        self._share = np.zeros(n, np.float32)
        self._title_shares = [np.zeros(n, np.float32) for _ in range(titles)]
        self._rows: list[Rows] = []
        self._title_rows: list[list[Rows]] = [[] for _ in range(titles)]

    def stand(self, rows: Rows, weights: Scores, share: float) -> None:
        """One of the words that may have been meant stands there; those of larger share later."""
        np.add.at(self._p, rows, weights)
        self._share[rows] = share
        self._rows.append(rows)

    def stand_in_title(self, number: int, rows: Rows, share: float) -> None:
        self._title_shares[number][rows] = share
        self._title_rows[number].append(rows)

    def end_of_word(self, idf: float, allowed: Mask | None) -> None:
        """Add the word to the films that have it: a row may come twice, but is written once."""
        weight = np.float32(idf)
        if self._rows:
            rows = self._touched(self._rows)
            p = self._p[rows]
            self.text[rows] = self.text[rows] + weight * p / (self._k1 + p)
            covered = self.coverage[rows] + weight * self._share[rows]
            self.coverage[rows] = covered
            self._p[rows] = self._share[rows] = 0
            within = covered if allowed is None else covered[allowed[rows]]
            self.best = max(self.best, float(within.max(initial=0)))
        for number, listed in enumerate(self._title_rows):
            if listed:
                rows = self._touched(listed)
                shares = self._title_shares[number][rows]
                self.in_titles[number][rows] = self.in_titles[number][rows] + weight * shares
                self.of_titles[number][rows] = self.of_titles[number][rows] + shares
                self._title_shares[number][rows] = 0
            listed.clear()
        self._rows.clear()

    def _touched(self, listed: Sequence[Rows]) -> Rows | slice:
        """The rows one by one, or where they are many, all: to go through all is faster then."""
        if sum(map(len, listed)) > len(self.text) * _MANY:
            return slice(None)
        return np.concatenate(listed)

    def having_some(self, allowed: Mask | None) -> Mask:
        """The allowed films that have a word by now."""
        some = self.coverage > 0
        return some if allowed is None else allowed & some

    def answering(self, least: float, allowed: Mask | None) -> Rows:
        """The allowed films that have `least` of what the best has, or more."""
        answers = self.coverage >= np.float32(max(least * self.best, _SOME))
        return np.flatnonzero(answers if allowed is None else answers & allowed).astype(np.int32)


def _followed(places: NDArray[np.int64], nexts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the places behind which there is one of the next; both sorted."""
    if not len(nexts):
        return nexts
    at = np.searchsorted(nexts, places + 1)
    at[at == len(nexts)] = 0
    followed: NDArray[np.int64] = places[nexts[at] == places + 1]
    return followed


_SOME = 1e-6  # less than any word is worth
# Who has just the least share is found, however single precision rounds the sums.
_ROUNDED = 1 - 1e-5
_MOST_VAGUE = 100_000  # occurrences of words that begin so, or are nearly so
_PAIR = 2
_FIELD_BITS = 8
_POSITION_BITS = (LAST_POSITION + 1).bit_length()
_PLACE_BITS = _FIELD_BITS + _POSITION_BITS
