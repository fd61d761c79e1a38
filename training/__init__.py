"""Training: CT volumes in, radiograph segmentation packages out. An extra; the service never imports it."""
