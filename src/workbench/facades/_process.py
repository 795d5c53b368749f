"""SMAC's Gaussian process, the same to the last bit and sooner.

The numbers of its kernel are found by some three hundred looks at the likelihood for each training. Each look of SMAC's
makes a copy of the whole kernel, part by part, with its priors and their random numbers, to set the numbers in it; that
takes twice as long as the likelihood itself. Here they are set in the one kernel that the fit has made for itself.
"""

from __future__ import annotations

from typing import Any

from sklearn.gaussian_process import GaussianProcessRegressor
from smac.model.gaussian_process.gaussian_process import GaussianProcess


class _Regressor(GaussianProcessRegressor):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's, told that its kernel need not be copied."""

    def log_marginal_likelihood(
        self, theta: Any = None, eval_gradient: bool = False, clone_kernel: bool = False
    ) -> Any:
        return super().log_marginal_likelihood(theta, eval_gradient, clone_kernel=False)


class Process(GaussianProcess):
    """The same model; only the regressor inside, which SMAC leaves to a method, is another."""

    def _get_gaussian_process(self) -> GaussianProcessRegressor:
        own = super()._get_gaussian_process()
        return _Regressor(**own.get_params(deep=False))
