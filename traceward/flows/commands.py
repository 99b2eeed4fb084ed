"""Every flow is imported here so that its commands are registered."""
