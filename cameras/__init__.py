"""What is installed: areas, agencies, sites, uplinks and cameras. The lowest floor."""
