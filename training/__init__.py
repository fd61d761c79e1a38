"""CT volumes in, radiograph segmentation packages out. The service never imports this."""
