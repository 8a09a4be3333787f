"""How good the eye is, in figures: `make accuracy`."""
