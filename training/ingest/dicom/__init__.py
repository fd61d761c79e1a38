"""CT as DICOM: finding series, stacking slices, reading segmentations, forgetting the patient."""
