# Pieces of words: `pieces` is compiled as it stands.
