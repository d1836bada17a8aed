"""What local pages share: a port on this computer, a token, a guard, errors as sentences."""
