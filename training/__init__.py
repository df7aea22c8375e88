"""Builds of the shipped artefacts from their sources; needs the `training` extra."""
