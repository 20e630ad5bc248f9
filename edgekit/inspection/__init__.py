"""What a bundle is made of: layers, kernels, flash and the memory plan, for `edgekit inspect`."""
