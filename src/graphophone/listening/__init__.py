"""Listening tests after ITU-R BS.1534-3 (MUSHRA): stimuli, ratings and what they say."""
