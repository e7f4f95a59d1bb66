"""Scraped files of details -> the DETAILS contract: typed, cleaned, one row a film.

Scrapes are dirty: `2h 15m`, `1.2K`, `$1,234,567`, stray spaces, the same film twice. What cannot be
read is null, never a guess; how much that is, the report says.
"""

from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from filmkin.catalogue import DETAILS
from filmkin.errors import SourceError
from workflow.contracts import select_contract
from workflow.languages import language_codes

_SPACES = r"[\s\x{a0}\x{200b}\x{feff}]+"  # scraped titles end in a no-break space
_NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
# As IMDb's pages write them: `$` alone is the United States', `¥` alone Japan's.
_CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "A$": "AUD",
    "CA$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "£": "GBP",
    "€": "EUR",
    "¥": "JPY",
    "CN¥": "CNY",
    "₹": "INR",
    "₩": "KRW",
}
_MOST = 10**15  # units of money; more is a slip


def details(files: Mapping[str, DataFrame], columns: Mapping[str, Mapping[str, str]]) -> DataFrame:
    """The DETAILS contract of several files: of each film the fullest row of each file, and of
    what several files say, the word of the first. Reads which languages they name.

    `files` are texts as they were read, by name; `columns` says of each file which of its columns
    holds what (`film_id` must be among them). Raises SourceError for a column that is not there.
    """
    cleaned = [
        _fullest(clean(frame, columns[name], name)).withColumn("place", F.lit(place))
        for place, (name, frame) in enumerate(files.items())
    ]
    every = reduce(DataFrame.unionByName, cleaned)
    told = every.groupBy("film_id").agg(*(_first_told(name) for name in _FIELDS))
    return select_contract(_flat(told), DETAILS).repartition(1).sortWithinPartitions("film_id")


def clean(frame: DataFrame, columns: Mapping[str, str], file: str) -> DataFrame:
    """The rows of a file that name a film: film_id and every field, null where it says nothing."""
    missing = [source for source in columns.values() if source not in frame.columns]
    if missing or "film_id" not in columns:
        wanted = ", ".join(missing) or "that is said to hold the film_id"
        raise SourceError(file, f"there is no column {wanted}")
    film_id = film_number(F.col(_quoted(columns["film_id"])))
    readers = dict(_FIELDS)
    if "language" in columns:
        readers["language"] = partial(by_name, _languages(frame, columns["language"]))
    fields = [
        (read(F.col(_quoted(columns[name]))) if name in columns else read(F.lit(None))).alias(name)
        for name, read in readers.items()
    ]
    return frame.select(film_id.alias("film_id"), *fields).filter(F.col("film_id").isNotNull())


def report(frame: DataFrame, columns: Mapping[str, str], file: str) -> dict[str, Any]:
    """Of a file: its rows, those that name no film, those that name one again, and per field the
    nulls before and after cleaning, in the rows that name a film.
    """
    after = clean(frame, columns, file)
    fields = {name: source for name, source in columns.items() if name != "film_id"}
    of_film = film_number(F.col(_quoted(columns["film_id"]))).isNotNull()
    before = frame.agg(
        F.count("*").alias("rows"),
        *(
            F.count_if(of_film & text(F.col(_quoted(source))).isNull()).alias(name)
            for name, source in fields.items()
        ),
    ).first()
    cleaned = after.agg(
        F.count("*").alias("rows"),
        F.count_distinct("film_id").alias("films"),
        *(F.count_if(F.col(name).isNull()).alias(name) for name in fields),
    ).first()
    assert before is not None
    assert cleaned is not None
    return {
        "rows": before["rows"],
        "without_film": before["rows"] - cleaned["rows"],
        "duplicates": cleaned["rows"] - cleaned["films"],
        "nulls": {name: {"before": before[name], "after": cleaned[name]} for name in fields},
    }


def text(column: Column) -> Column:
    """A text with single spaces and none around it; null where nothing is left."""
    bare = F.trim(F.regexp_replace(column.cast("string"), _SPACES, " "))
    return F.when(~bare.isin("", r"\N"), bare)


def film_number(column: Column) -> Column:
    """The digits of the tconst that stands in a text, such as an address at IMDb."""
    return _found(text(column), r"(?:^|[^a-z])tt0*(\d{1,9})(?:\D|$)").try_cast("int")


def texts(column: Column) -> Column:
    """The distinct parts of a text between bars."""
    parts = F.transform(F.split(text(column), r"\|"), lambda part: F.trim(part))
    named = F.array_distinct(F.filter(parts, lambda part: part != ""))
    return F.when(F.size(named) > 0, named)


def by_name(known: Mapping[str, str], column: Column) -> Column:
    """What is known by the name that a text is; null where it is another."""
    if not known:
        return F.lit(None).cast("string")
    pairs = [F.lit(word) for pair in known.items() for word in pair]
    return F.try_element_at(F.create_map(*pairs), text(column))


def _languages(frame: DataFrame, column: str) -> Mapping[str, str]:
    """The codes of the languages that a column names."""
    named = frame.select(text(F.col(_quoted(column)))).distinct().collect()
    return language_codes(row[0] for row in named if row[0] is not None)


def minutes(column: Column) -> Column:
    """`2h 15m`, `45m`, `2h`, `135 min` or `135`, as minutes; 0 says nothing."""
    told = F.lower(text(column))
    form = r"^(?:(\d{1,3}) ?h(?:(?:ou)?rs?)?\.?)? ?(?:(\d{1,5}) ?m(?:in(?:ute)?s?)?\.?)?$"
    hours, rest = (_found(told, form, group).try_cast("int") for group in (1, 2))
    of_form = F.coalesce(hours, F.lit(0)) * 60 + F.coalesce(rest, F.lit(0))
    plain = _found(told, r"^(\d{1,5})(?:\.0+)?$").try_cast("int")
    found = F.coalesce(plain, of_form)
    return F.when(found > 0, found)


def count(column: Column) -> Column:
    """`1,234`, `1.2K` or `3M` as a whole number."""
    return _whole(F.upper(text(column)), rf"^{_NUMBER} ?([KMB]?)$").try_cast("int")


def score(column: Column) -> Column:
    """A whole number of 0 to 100, such as `74` or `74/100`."""
    found = _found(text(column), r"^(\d{1,3})(?: ?/ ?100)?$").try_cast("int")
    return F.when(found <= 100, found)


def year(column: Column) -> Column:
    """The first year of 1800 to 2099 that stands in a text."""
    return _found(text(column), r"(?:^|\D)((?:18|19|20)\d\d)(?:\D|$)").try_cast("int")


def money(column: Column) -> Column:
    """`$1,234,567`, `€1.2M`, `INR 1,200` or `1000` as struct(amount, currency); an amount that is
    unmarked has no currency, and one of 0 says nothing.
    """
    told = F.upper(text(column))
    signs = "|".join(sign.replace("$", r"\$") for sign in sorted(_CURRENCIES, key=len)[::-1])
    form = rf"^({signs}|[A-Z]{{3}})? ?{_NUMBER} ?([KMB]?)(?: ?([A-Z]{{3}}))?$"
    amount = _whole(told, form, 2).try_cast("bigint")
    mark = F.coalesce(_found(told, form, 1), _found(told, form, 4))
    pairs = [F.lit(word) for pair in _CURRENCIES.items() for word in pair]
    currency = F.coalesce(F.try_element_at(F.create_map(*pairs), mark), mark)
    is_told = (amount > 0) & (amount < _MOST)
    return F.when(is_told, F.struct(amount.alias("amount"), currency.alias("currency")))


_FIELDS: Mapping[str, Callable[[Column], Column]] = {
    "overview": text,
    "tagline": text,
    "keywords": texts,
    "language": text,
    "country": text,
    "year": year,
    "duration": minutes,
    "budget": money,
    "gross": money,
    "metascore": score,
    "num_reviews": count,
    "num_critics": count,
    "thumbnail": text,
}


def _fullest(cleaned: DataFrame) -> DataFrame:
    """Of each film the row that says most; of equal ones the greatest, column by column."""
    said = reduce(Column.__add__, (F.col(name).isNotNull().cast("int") for name in _FIELDS))
    row = F.max(F.struct(said.alias("said"), *_FIELDS)).alias("row")
    return cleaned.groupBy("film_id").agg(row).select("film_id", *(f"row.{n}" for n in _FIELDS))


def _first_told(name: str) -> Column:
    told = F.when(F.col(name).isNotNull(), F.struct("place", name))
    return F.min(told).getField(name).alias(name)


def _flat(told: DataFrame) -> DataFrame:
    """Amounts and their currencies as columns of their own."""
    for name in ("budget", "gross"):
        told = told.withColumns(
            {f"{name}_currency": F.col(name)["currency"], name: F.col(name)["amount"]}
        )
    return told


def _found(column: Column, form: str, group: int = 1) -> Column:
    """A group of a regular expression; null where it is not in the text."""
    found = F.regexp_extract(column, form, group)
    return F.when(found != "", found)


def _whole(column: Column, form: str, group: int = 1) -> Column:
    """The number of a form, by the factor that the next group names; null where it is no whole."""
    digits = F.replace(_found(column, form, group), F.lit(","), F.lit(""))
    suffix = F.regexp_extract(column, form, group + 1)
    pairs = [F.lit(value) for pair in _FACTORS.items() for value in pair]
    factor = F.try_element_at(F.create_map(*pairs), suffix)
    number = digits.try_cast("decimal(24,6)") * factor
    return F.when(number == F.floor(number), F.floor(number))


def _quoted(name: str) -> str:
    """A column's name as Spark takes it whatever is in it."""
    return f"`{name.replace('`', '``')}`"
