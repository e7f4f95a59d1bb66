"""Ratings -> what recommends: each part learnt with settings of its own."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from filmkin.arrays import Floats
from filmkin.factors import Biases, Fitting, RatingModel, biases
from filmkin.held_back import RatingData
from filmkin.recommender import ImplicitModel, Recommender
from filmkin.regression import FilmFactors, Spectrum, Taste, liking, spectrum
from filmkin.regression import film_factors as regression_factors
from workflow.recommender.als import film_factors, write_values
from workflow.recommender.settings import AlsSettings, Choice


@dataclass(slots=True)
class Learner:
    """Learns from some ratings, by parts; `scratch` is for what Spark reads.

    Who will ask for regressions of several ranks names the largest: the others are parts of it.
    """

    spark: SparkSession
    data: RatingData
    scratch: Path
    seed: int
    largest_rank: int = 0
    _spectra: dict[tuple[float, int], Spectrum] = field(default_factory=dict)

    def rating_model(self, als: AlsSettings, fitting: Fitting) -> RatingModel:
        """What predicts ratings."""
        found = self.biases(fitting)
        left = self.data.ratings - found.mean - found.films[self.data.films]
        factors = self._factors(left - found.people[self.data.people], als)
        return RatingModel(found.mean, found.films, factors, fitting._replace(ridge=als.ridge))

    def biases(self, fitting: Fitting) -> Biases:
        """What films and people add."""
        data = self.data
        return biases(data.films, data.people, data.ratings, data.shape, fitting)

    def implicit_model(self, als: AlsSettings, taste: Taste) -> ImplicitModel:
        """Films by what was seen and liked."""
        factors = self._factors(liking(self.data.ratings, taste), als)
        return ImplicitModel(factors, als.alpha or 1.0, als.ridge)

    def regression(self, taste: Taste, rank: int, ridge: float) -> FilmFactors:
        """Films by what people who liked them like."""
        key = taste.power, max(rank, self.largest_rank)
        if key not in self._spectra:
            weights = self.data.matrix(liking(self.data.ratings, taste))
            self._spectra[key] = spectrum(weights, key[1])
        return regression_factors(self._spectra[key].largest(rank), ridge)

    def recommender(self, choice: Choice) -> Recommender:
        """All of it together."""
        return Recommender(
            self.data.film_ids,
            np.bincount(self.data.films, minlength=len(self.data.film_ids)).astype(np.int32),
            self.rating_model(choice.als, choice.fitting),
            self.regression(choice.taste, choice.regression_rank, choice.regression_ridge),
            choice.taste,
            self.implicit_model(choice.implicit, choice.taste),
            choice.implicit_weight,
        )

    def _factors(self, values: Floats, als: AlsSettings) -> Floats:
        file = self.scratch / "values.parquet"
        write_values(self.data, values, file)
        return film_factors(self.spark, file, len(self.data.film_ids), als, self.seed)
