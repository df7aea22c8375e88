"""The whole pipeline on one machine without containers: embedded servers and a supervisor. In no service's
image."""
