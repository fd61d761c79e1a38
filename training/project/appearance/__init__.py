"""How line integrals become a picture: one file an appearance, registered under its name."""
