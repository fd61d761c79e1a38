"""`pack`: shards split by patient, their index, and a data card for whoever has to trust them."""
