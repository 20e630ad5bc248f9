"""From a trained model to a bundle: sources, compression, targets and the micro compiler."""
