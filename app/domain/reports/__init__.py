"""Reports: views over what several subjects have."""
