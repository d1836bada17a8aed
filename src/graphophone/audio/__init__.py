"""Sound files, levels, features and audio losses."""
