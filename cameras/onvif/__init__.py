"""Finding cameras: who on the local network speaks ONVIF, and what each says of itself.

discovery   WS-Discovery: devices that answer a call to all
device      one device's own words: model, firmware, clock, addresses
pages       the admin's page: search, look, register
"""
