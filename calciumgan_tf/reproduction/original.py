"""What is known of the original: facts of its public code (bryanlimy/CalciumGAN at b5dd5a6) and its figures."""

# {row: (value, the same for one set of true windows against another)}. Errors: 100 neurons, five windows of 2,048
# frames at 24 Hz, read off the vector figures of the repository. Losses: its logged curves, of 400 epochs.
FIGURES = {
    "firing_rate_mae_of_5": (0.0652, 0.0372),
    "firing_rate_rmse_of_5": (0.0997, 0.0607),
    "firing_rate_mape_of_5": (63.6, 39.8),
    "covariance_mae_of_5": (0.0045, 0.0045),
    "covariance_rmse_of_5": (0.0110, 0.0105),
    "critic_loss_first": (-317, None),
    "critic_loss_last": (-9.4, None),
    "gradient_penalty_first": (23.7, None),
    "gradient_penalty_last": (0.166, None),
}
# {row: (least, largest)} over four days of one animal, each the mean of one to five trainings. The original's own files
# trained by others for 80 epochs instead of 400 (HuabingWang-stack/CalciumGAN_Neuron_Grouping, animal ST260, spikes by
# OASIS): 2,048 frames a window, held-out windows that overlap training windows, no floor. Not the paper's values.
OTHER_RUN = {
    "firing_rate_kl": (0.533, 1.073),
    "correlation_kl": (0.060, 0.109),
    "van_rossum_kl": (0.468, 0.699),
}
NEURONS = 102  # of its recording
PARAMETERS = {"generator": 4_375_740, "critic": 4_110_273}  # with so many, at the settings of configs/paper.flags
