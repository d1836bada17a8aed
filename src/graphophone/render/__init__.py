"""Graph to plan to sound, and the slow reference it must equal."""
