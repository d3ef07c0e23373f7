"""The catalogue of faults, each many times, on running parts."""
