"""The blind estimator: encoder, decoder, decoding, weights."""
