"""Published generators and critics, one architecture a file.

Each file has

    TITLE: str                                           what it is, in a few words for messages
    DEFAULTS: {option: default}                          of its layers
    TRAINING: {loss: {option: default}}                  of its training, where they differ from the loss's
    BY_DATASET: {data set: {option: default}}            where they depend on the data
    frame_divisor(config, frames)                        what the number of frames has to be a multiple of
    generator(random, config, frames, channels)          random inputs to a Keras tensor (example, frame, channel)
    critic(x, random, config)                            windows (example, frame, channel) to features (example, ...)

where `config` is the model's GeneratorConfig or CriticConfig and `random` its RandomInputs. What all models share
(scaling, representation, the score) stands in training/builders.py.
"""
