import numpy as np
import scipy.stats
import tensorflow as tf

from calciumgan_tf.randomness import Purpose, RandomInputs, Randomness


def shifts(largest, examples, key, per_example):
    """Drawn shifts (example, layer) of layers with these largest shifts."""
    random = RandomInputs()
    for layer, m in enumerate(largest):
        random.shift(f"shift{layer}", m, 64, per_example)
    return np.stack([values.numpy() for values in random.draw(examples, key)], 1)


def test_key_follows_from_seed_purpose_and_every_counter():
    keys = [Randomness(seed).key(Purpose.WINDOWS, 1, 2).numpy() for seed in (0, 0, 1, 2**31 - 1)]
    np.testing.assert_array_equal(keys[0], keys[1])
    changed = [(Purpose.SAMPLES, 1, 2), (Purpose.WINDOWS, 2, 1), (Purpose.WINDOWS, 1), (Purpose.WINDOWS, 1, 3)]
    keys[1:2] = [Randomness(0).key(purpose, *counters).numpy() for purpose, *counters in changed]
    assert len({tuple(key) for key in keys}) == len(keys)


def test_every_shift_is_equally_likely():
    m, draws = 3, 7000
    values, counts = np.unique(shifts([m], draws, [1, 2], per_example=True), return_counts=True)
    assert values.tolist() == list(range(-m, m + 1))
    chi_squared = ((counts - draws / 7) ** 2 / (draws / 7)).sum()
    assert chi_squared < 22.5  # 99.9 % quantile, 6 degrees of freedom


def test_each_phase_shuffle_has_its_own_largest_shift():
    drawn = shifts([1, 0, 5], 2000, [1, 2], per_example=True)
    assert drawn.min(axis=0).tolist() == [-1, 0, -5] and drawn.max(axis=0).tolist() == [1, 0, 5]


def test_a_batch_shares_a_shift_and_layers_do_not():
    drawn = shifts([10] * 4, 8, [1, 2], per_example=False)
    assert (drawn == drawn[:1]).all()
    assert len(set(drawn[0])) > 1


def test_fresh_key_fresh_shift():
    drawn = {tuple(shifts([10] * 4, 1, [0, key], False)[0]) for key in range(20)}
    assert len(drawn) == 20


def test_noise_vector_has_its_distribution():
    for kind, distribution in (("normal", scipy.stats.norm), ("uniform", scipy.stats.uniform(-1, 2))):
        random = RandomInputs()
        vector = random.vector(kind, 10)
        noise = tf.keras.Model(random.inputs, vector)(random.draw(2000, [0, 0])).numpy()
        assert noise.shape == (2000, 10) and scipy.stats.kstest(noise.ravel(), distribution.cdf).pvalue > 0.01


def test_inputs_have_kinds_of_their_own():
    random = RandomInputs()
    random.normal("a", 3, 2), random.uniform("b", 50), random.shift("c", 2, 8, True)
    normal, uniform, shift = random.draw(100, [0, 0])
    assert normal.shape == (100, 3, 2) and uniform.shape == (100, 50) and shift.shape == (100,)
    assert normal.numpy().min() < 0 <= uniform.numpy().min() < uniform.numpy().max() < 1
    assert [x.name for x in random.inputs] == ["a", "b", "c"]
