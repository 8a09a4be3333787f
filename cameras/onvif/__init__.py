"""Finding cameras: who on the local network speaks ONVIF, and what each says of itself.

discovery   WS-Discovery: devices that answer a call to all
description what is known of one device: model, firmware, clock, addresses
device      asking a device for it
pages       the admin's page: search, look, register
"""
