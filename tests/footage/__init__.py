"""Labelled footage, made by a script: real clips and generated scenes, healthy and with faults.

Nothing in here is random from run to run, and nothing large is kept: pictures are made when they
are asked for.
"""
