# Reading a text: `reading` is compiled as it stands.
