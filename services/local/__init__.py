"""The whole pipeline on one machine, without containers: embedded servers and their supervisor. In no image but the command line's."""
