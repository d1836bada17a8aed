"""Sound files, resampling, loudness, features and audio losses."""
