"""What a model becomes, one target a file: each has `write(request, source, folder)`, which
fills the folder of a new bundle, its manifest last."""
