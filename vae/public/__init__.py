"""Public mode, `VAE_PUBLIC=1`: who a visitor is, what belongs to whom, how much each may have."""
