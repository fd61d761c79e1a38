"""The probe of a model package: how a picture was stored, learnt from storings that were made."""
