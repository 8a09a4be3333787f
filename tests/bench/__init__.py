"""What things cost: `make bench-look`."""
