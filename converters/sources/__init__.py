"""One kind of model a file: `load(model, data, workdir) -> Source`."""
