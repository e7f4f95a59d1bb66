"""A made-up film catalogue in the form of IMDb's files, to develop, test and demonstrate with.

IMDb's licence forbids shipping its data, so the project makes its own: invented titles and
people that follow the distributions measured on IMDb's files of 2026 (see tables.py) and show
the quirks of those files. Some films belong to series by construction; franchises.json lists
them as the truth to measure against. People with tastes rate films in the form of MovieLens' files;
tastes.json is the truth about them. The same titles and seed give the same bytes.
"""

from workflow.sample.files import generate

__all__ = ["generate"]
