"""Who signs in, how, and for how long: lock-out, second factor, sessions, chosen language."""
