"""Signal processing on tensors and arrays; knows neither knobs nor graphs."""
