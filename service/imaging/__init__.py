"""From a file to a radiograph: bounded reading, eligibility, grey values, millimetres, sides."""
