"""Fit of a dichotomised Gaussian: bisections with SciPy, pair by pair, against all pairs at once; error of its samples.

    python benchmarks/dichotomized_gaussian.py

The ratio is that of the first call, which includes TensorFlow's start.
"""

import measure
import numpy as np

SIZES = {"102": (102, 400_000), "quick": (4, 20_000)}  # neurons, frames sampled


def bisections(means, covariance):
    """Latent correlation of each pair, in sequence."""
    from scipy import optimize, stats

    gamma = stats.norm.ppf(means)
    latent = np.eye(len(means))
    for i, j in zip(*np.triu_indices(len(means), 1)):
        joint = covariance[i, j] + means[i] * means[j]

        def excess(rho, i=i, j=j, joint=joint):
            return stats.multivariate_normal.cdf(gamma[[i, j]], cov=[[1, rho], [rho, 1]]) - joint

        latent[i, j] = latent[j, i] = optimize.bisect(excess, -0.999, 0.999, xtol=1e-9)
    return latent


def main():
    given = measure.arguments(__doc__, SIZES, rounds=1)
    import tensorflow  # noqa: F401  before the clock starts, as SciPy is

    from calciumgan_tf.synthetic import dichotomized_gaussian, populations

    neurons, frames = SIZES[given.size]
    means, covariance = populations.random_moments(neurons, 0)
    covariance = (covariance + np.diag(np.diag(covariance))) / 2  # weak enough for a Gaussian with it to exist
    results = {}
    calls = []

    def fast():
        calls.append(measure.seconds(lambda: results.update(ours=dichotomized_gaussian.fit(means, covariance))))
        return calls[-1]

    def slow():
        return measure.seconds(lambda: results.update(scipy=bisections(means, covariance)))

    fast()  # the first call
    slow_seconds = slow()
    first = slow_seconds / calls[0]
    warm = [fast() for _ in range(3)]
    difference = float(np.abs(results["ours"].latent - results["scipy"]).max())
    if not difference < 1e-6:
        raise SystemExit(f"latent correlations differ by {difference}")

    sampling = measure.seconds(lambda: results.update(spikes=results["ours"].sample(frames, [1, 2])))
    spikes = results["spikes"].astype(np.float64)
    sd = np.sqrt(means * (1 - means))
    mean_error = np.abs(spikes.mean(axis=0) - means) / (sd / np.sqrt(frames))
    centred = spikes - means
    products = centred.T @ centred / frames
    product_sd = np.sqrt(np.maximum((centred**2).T @ (centred**2) / frames - products**2, 1e-30) / frames)
    upper = np.triu_indices(neurons, 1)
    covariance_error = (np.abs(products - covariance) / product_sd)[upper]
    measure.report(
        "dichotomized_gaussian",
        f"{neurons} neurons",
        ratio=first,
        spread=[slow_seconds / max(warm), slow_seconds / min(warm)],
        rounds=1,
        note="ratio: first call; spread: later calls",
        largest_difference=difference,
        frames_a_second=frames / sampling,
        largest_mean_error_in_standard_errors=float(mean_error.max()),
        rms_covariance_error_in_standard_errors=float(np.sqrt((covariance_error**2).mean())),
        largest_covariance_error_in_standard_errors=float(covariance_error.max()),
    )


if __name__ == "__main__":
    main()
