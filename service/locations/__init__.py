"""The anatomical locations of a chest radiograph, as boxes that follow from the masks."""
