# Which place a name means: `resolution` is compiled as it stands.
