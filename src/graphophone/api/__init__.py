"""What a program needs: load, estimate, render, save.

Audio is a float array (channels, samples), or (samples,) for mono; what comes back has two
channels.
"""
